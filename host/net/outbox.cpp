// SPDX-License-Identifier: Apache-2.0
#include "net/outbox.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace syncline::net {

void Outbox::append(std::string_view bytes) {
    if (bytes.empty()) return;
    if (first_ == segments_.size() || !segments_.back().isOwn) {
        Segment& segment = segments_.emplace_back();
        segment.charged = true;
        segment.isOwn = true;
    }
    Segment& last = segments_.back();
    last.own.append(bytes);
    last.length += bytes.size();
    bytes_ += bytes.size();
    ownBytes_ += bytes.size();
}

void Outbox::appendShared(core::SharedBytes bytes, std::size_t offset, std::size_t length) {
    assert(offset <= bytes->size() && length <= bytes->size() - offset);
    if (length == 0) return;
    bytes_ += length;
    if (first_ < segments_.size()) {
        Segment& last = segments_.back();
        if (last.shared == bytes && !last.charged && last.offset + last.length == offset) {
            last.length += length;
            return;
        }
    }
    Segment& segment = segments_.emplace_back();
    segment.shared = std::move(bytes);
    segment.offset = offset;
    segment.length = length;
}

std::size_t Outbox::gather(std::span<iovec> vectors) const {
    const std::size_t count = std::min(vectors.size(), segments_.size() - first_);
    for (std::size_t i = 0; i < count; ++i) {
        const Segment& segment = segments_[first_ + i];
        vectors[i].iov_base = const_cast<char*>(segment.begin());
        vectors[i].iov_len = segment.length;
    }
    return count;
}

Outbox::Charged Outbox::consume(std::size_t bytes) {
    assert(bytes <= bytes_);
    bytes_ -= bytes;
    Charged charged;
    while (bytes > 0) {
        Segment& segment = segments_[first_];
        const std::size_t part = std::min(bytes, segment.length);
        if (segment.charged) (segment.isOwn ? charged.own : charged.shared) += part;
        segment.offset += part;
        segment.length -= part;
        bytes -= part;
        if (segment.length > 0) break;
        segment.shared.reset();
        std::string().swap(segment.own);
        ++first_;
    }
    release();
    ownBytes_ -= charged.own;
    return charged;
}

std::size_t Outbox::settle() {
    std::size_t newlyCharged = 0;
    // The first one shrinks from flush to flush; the others are looked at once.
    if (first_ < segments_.size() && segments_[first_].charged) copyRest(segments_[first_]);
    for (std::size_t i = std::max(first_, settled_); i < segments_.size(); ++i) {
        Segment& segment = segments_[i];
        if (segment.charged) continue;
        segment.charged = true;
        newlyCharged += segment.length;
        copyRest(segment);
    }
    settled_ = static_cast<std::uint32_t>(segments_.size());
    return newlyCharged;
}

Outbox::Charged Outbox::clear() {
    return consume(bytes_);
}

/// A long own string of which little is left is as wasteful as a long shared one.
void Outbox::copyRest(Segment& segment) {
    const std::size_t held = segment.shared ? segment.shared->size() : segment.own.size();
    if (segment.length >= held - held / 2) return;
    std::string rest(segment.begin(), segment.length);
    segment.own.swap(rest);
    segment.shared.reset();
    segment.offset = 0;
}

/// Forgets sent segments: all of them when nothing is left, else once they outnumber the rest, so
/// that each is moved about once.
void Outbox::release() {
    if (bytes_ == 0) {
        segments_.clear();
        if (segments_.capacity() > 2) segments_.shrink_to_fit();
        first_ = 0;
        settled_ = 0;
        return;
    }
    if (first_ < 16 || first_ < segments_.size() / 2) return;
    segments_.erase(segments_.begin(), segments_.begin() + first_);
    settled_ -= std::min(settled_, first_);
    first_ = 0;
}

}  // namespace syncline::net
