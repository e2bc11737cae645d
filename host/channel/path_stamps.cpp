// SPDX-License-Identifier: Apache-2.0
#include "channel/path_stamps.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace syncline::channel {

namespace {

using Stamp = PathStamps::Stamp;

// When another stream than `stream` last marked this stamp.
std::uint64_t seqOfOthers(const Stamp& stamp, const StreamId& stream) {
    const bool own = stamp.stream == stream && !stream.isNobody();
    return own ? stamp.otherSeq : stamp.seq;
}

// Asked about paths of which one lies at or beneath the other: two such paths of elements are the
// same element, or one stands for several after a collapse.
bool classesMeet(StampClass one, StampClass other) {
    return one != other || one == StampClass::write || one == StampClass::listElement;
}

bool isAtOrBeneath(std::string_view path, std::string_view top) {
    return path.starts_with(top) &&
           (path.size() == top.size() || top.empty() || path[top.size()] == '/');
}

std::size_t depthOf(std::string_view path) {
    return static_cast<std::size_t>(std::ranges::count(path, '/'));
}

// Whether a stamp beneath a write stays: only where both go by the clocks.
bool outlives(const Stamp& beneath, const Stamp& write) {
    if (!write.clock || !beneath.clock || beneath.path == write.path) return false;
    return std::tie(*beneath.clock, beneath.stream) > std::tie(*write.clock, write.stream);
}

bool inOrder(const Stamp& one, const Stamp& other) {
    return std::tie(one.path, one.stampClass) < std::tie(other.path, other.stampClass);
}

}  // namespace

PathStamps::Position PathStamps::firstFrom(std::string_view path) const {
    return std::ranges::lower_bound(
        stamps_, path, {}, [](const Stamp& stamp) { return std::string_view(stamp.path); });
}

PathStamps::Hit PathStamps::conflict(std::string_view path, StampClass stampClass,
                                     const StreamId& stream, std::uint64_t base,
                                     std::span<const std::string> except) const {
    Hit hit;
    const auto look = [&](const Stamp& stamp) {
        const auto covers = [&](const std::string& top) { return isAtOrBeneath(stamp.path, top); };
        if (std::ranges::any_of(except, covers)) return;
        const std::uint64_t seq = seqOfOthers(stamp, stream);
        if (seq > base && seq > hit.seq && classesMeet(stamp.stampClass, stampClass))
            hit = {seq, seq == stamp.seq ? stamp.stream : StreamId{}};
    };
    // The ancestors are the texts before each of the path's slashes.
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
         slash = path.find('/', slash + 1)) {
        const std::string_view ancestor = path.substr(0, slash);
        for (Position at = firstFrom(ancestor); at != stamps_.end() && at->path == ancestor; ++at)
            look(*at);
    }
    for (Position at = firstFrom(path); at != stamps_.end() && at->path.starts_with(path); ++at)
        if (isAtOrBeneath(at->path, path)) look(*at);
    return hit;
}

void PathStamps::mark(std::string_view path, StampClass stampClass, std::uint64_t seq,
                      const StreamId& stream, std::size_t stampsMax,
                      const std::optional<Hlc>& clock) {
    Stamp stamp{std::string(path), stampClass, seq, stream, 0, clock};
    if (stampClass == StampClass::write)
        markWrite(std::move(stamp));
    else
        markCommuting(std::move(stamp));
    // At the top one of each class stays, whatever the limit.
    while (stamps_.size() > stampsMax && collapseDeepest()) {
    }
}

void PathStamps::markWrite(Stamp stamp) {
    const auto first = stamps_.begin() + (firstFrom(stamp.path) - stamps_.cbegin());
    auto last = first;
    while (last != stamps_.end() && last->path.starts_with(stamp.path)) ++last;
    const auto kept = std::remove_if(first, last, [&](const Stamp& beneath) {
        return isAtOrBeneath(beneath.path, stamp.path) && !outlives(beneath, stamp);
    });
    if (kept == last) {
        stamps_.insert(first, std::move(stamp));
        return;
    }
    // At least one place is free: the survivors move up by it, which keeps the order.
    std::move_backward(first, kept, kept + 1);
    *first = std::move(stamp);
    stamps_.erase(kept + 1, last);
}

void PathStamps::markCommuting(Stamp stamp) {
    auto at = stamps_.begin() + (firstFrom(stamp.path) - stamps_.cbegin());
    while (at != stamps_.end() && at->path == stamp.path && at->stampClass < stamp.stampClass) ++at;
    if (at == stamps_.end() || at->path != stamp.path || at->stampClass != stamp.stampClass) {
        stamps_.insert(at, std::move(stamp));
        return;
    }
    if (at->stream != stamp.stream || stamp.stream.isNobody()) at->otherSeq = at->seq;
    at->seq = stamp.seq;
    at->stream = stamp.stream;
    at->clock = std::max(at->clock, stamp.clock);
}

bool PathStamps::collapseDeepest() {
    std::size_t deepest = 0;
    for (const Stamp& stamp : stamps_) deepest = std::max(deepest, depthOf(stamp.path));
    if (deepest == 0) return false;
    for (Stamp& stamp : stamps_) {
        if (depthOf(stamp.path) != deepest) continue;
        stamp.path.resize(stamp.path.rfind('/'));
        stamp.stream = {};
    }
    std::ranges::stable_sort(stamps_, inOrder);
    std::vector<Stamp> merged;
    for (Stamp& stamp : stamps_) {
        if (merged.empty() || inOrder(merged.back(), stamp)) {
            merged.push_back(std::move(stamp));
            continue;
        }
        merged.back().seq = std::max(merged.back().seq, stamp.seq);
        merged.back().clock = std::max(merged.back().clock, stamp.clock);
        merged.back().stream = {};
    }
    stamps_ = std::move(merged);
    return true;
}

}  // namespace syncline::channel
