// SPDX-License-Identifier: Apache-2.0
#include "channel/log_tail.h"

#include <cassert>
#include <utility>

namespace syncline::channel {

void LogTail::push(Entry& entry, std::uint64_t previousSum, std::string update) {
    assert(items_.empty() || items_.back().seq + 1 == entry.seq);
    items_.push_back({entry.seq, previousSum, entry.sum, entry.atMs, entry.effect->previousVersion,
                      std::move(entry.effect->undo), std::move(update)});
    bytes_ += bytesOf(items_.back());
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
    return sizeof(Item) + item.undo.size() + item.update.size();
}

void LogTail::popFront() {
    bytes_ -= bytesOf(items_.front());
    items_.pop_front();
}

}  // namespace syncline::channel
