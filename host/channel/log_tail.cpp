// SPDX-License-Identifier: Apache-2.0
#include "channel/log_tail.h"

#include <algorithm>
#include <cassert>
#include <ranges>
#include <utility>

namespace syncline::channel {

// Several effects on one record are taken back in one go, the last one first.
std::vector<LogTail::Overwritten> LogTail::takeOverwritten(std::vector<Effect>& effects) {
    std::vector<Overwritten> taken;
    taken.reserve(effects.size());
    for (Effect& effect : effects | std::views::reverse) {
        const auto same = std::ranges::find(taken, effect.key, &Overwritten::key);
        if (same == taken.end()) {
            taken.push_back({effect.key, effect.previousVersion, std::move(effect.undo)});
        } else {
            same->previousVersion = effect.previousVersion;
            same->undo += effect.undo;
        }
    }
    return taken;
}

const LogTail::Item& LogTail::push(Entry& entry, std::uint64_t previousSum, std::string update) {
    assert(items_.empty() || items_.back().seq + 1 == entry.seq);
    items_.push_back({entry.seq, previousSum, entry.sum, entry.atMs, std::move(update),
                      takeOverwritten(entry.effects)});
    bytes_ += bytesOf(items_.back());
    return items_.back();
}

const LogTail::Overwritten* LogTail::find(std::uint64_t seq, std::string_view key) const {
    const Item* item = find(seq);
    if (item == nullptr) return nullptr;
    const auto found = std::ranges::find(item->overwritten, key, &Overwritten::key);
    return found == item->overwritten.end() ? nullptr : &*found;
}

const LogTail::Item* LogTail::find(std::uint64_t seq) const {
    if (items_.empty() || seq < items_.front().seq || seq > items_.back().seq) return nullptr;
    return &items_[seq - items_.front().seq];
}

void LogTail::trim(std::size_t itemsMax, std::size_t bytesMax, std::int64_t oldestAtMs) {
    while (!items_.empty() &&
           (items_.size() > itemsMax || bytes_ > bytesMax || items_.front().atMs < oldestAtMs))
        popFront();
}

void LogTail::clear() {
    items_.clear();
    bytes_ = 0;
}

std::size_t LogTail::bytesOf(const Item& item) {
    std::size_t bytes = sizeof(Item) + item.update.size();
    for (const Overwritten& record : item.overwritten)
        bytes += sizeof(Overwritten) + record.key.size() + record.undo.size();
    return bytes;
}

void LogTail::popFront() {
    bytes_ -= bytesOf(items_.front());
    items_.pop_front();
}

}  // namespace syncline::channel
