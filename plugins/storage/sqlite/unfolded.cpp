// SPDX-License-Identifier: Apache-2.0
#include "unfolded.h"

#include <algorithm>
#include <utility>

namespace syncline::sqlite {

std::optional<std::uint64_t> Unfolded::lastIndex(std::string_view channel) const {
    const std::lock_guard lock(mutex_);
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return std::nullopt;
    return found->second.lastIndex;
}

void Unfolded::remember(std::string_view channel, std::uint64_t lastIndex) {
    const std::lock_guard lock(mutex_);
    Channel& known = at(channel);
    known.lastIndex = std::max(known.lastIndex, lastIndex);
}

Unfolded::Channel& Unfolded::at(std::string_view channel) {
    if (const auto found = channels_.find(channel); found != channels_.end()) {
        return found->second;
    }
    if (channels_.size() >= headsMax_) forgetIdleHeads();
    return channels_[std::string(channel)];
}

/// All of them at once, so that the sweep is rare. What is forgotten is read again when needed.
void Unfolded::forgetIdleHeads() {
    std::erase_if(channels_, [](const auto& entry) { return entry.second.blocks.empty(); });
}

void Unfolded::add(Row row) {
    const auto shared = std::make_shared<const Row>(std::move(row));
    const std::lock_guard lock(mutex_);
    for (const Block& block : shared->blocks) {
        Channel& channel = at(block.channel);
        channel.lastIndex = block.lastIndex;
        channel.blocks.push_back({shared, &block});
    }
    size_.ops += shared->entryCount();
    size_.bytes += shared->bytes->size();
    size_.lastId = shared->id;
    rows_.push_back(shared);
}

std::vector<SharedRow> Unfolded::oldest(std::size_t bytesMax) const {
    std::vector<SharedRow> oldest;
    std::size_t bytes = 0;
    const std::lock_guard lock(mutex_);
    for (const SharedRow& row : rows_) {
        bytes += row->bytes->size();
        if (!oldest.empty() && bytes > bytesMax) break;
        oldest.push_back(row);
    }
    return oldest;
}

void Unfolded::folded(std::uint64_t throughId) {
    // Freed only after the lock is given back: that is the larger part of the work.
    std::vector<SharedRow> done;
    const std::lock_guard lock(mutex_);
    while (!rows_.empty() && rows_.front()->id <= throughId) {
        const SharedRow& row = rows_.front();
        for (const Block& block : row->blocks) {
            // Blocks of a channel leave in the order in which they came.
            const auto channel = channels_.find(block.channel);
            if (channel != channels_.end()) channel->second.blocks.pop_front();
        }
        size_.ops -= row->entryCount();
        size_.bytes -= row->bytes->size();
        done.push_back(row);
        rows_.pop_front();
    }
    size_.foldedId = std::max(size_.foldedId, throughId);
}

std::vector<TailBlock> Unfolded::tail(std::string_view channel) const {
    const std::lock_guard lock(mutex_);
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return {};
    return {found->second.blocks.begin(), found->second.blocks.end()};
}

std::vector<std::string> Unfolded::channels() const {
    std::vector<std::string> names;
    const std::lock_guard lock(mutex_);
    for (const auto& [name, channel] : channels_) {
        if (!channel.blocks.empty()) names.push_back(name);
    }
    return names;
}

bool Unfolded::forget(std::string_view channel) {
    const std::lock_guard lock(mutex_);
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return true;
    if (!found->second.blocks.empty()) return false;
    channels_.erase(found);
    return true;
}

Unfolded::Size Unfolded::size() const {
    const std::lock_guard lock(mutex_);
    return size_;
}

void Unfolded::startAt(std::uint64_t foldedId, std::uint64_t lastId) {
    const std::lock_guard lock(mutex_);
    size_.foldedId = foldedId;
    size_.lastId = std::max(foldedId, lastId);
}

}  // namespace syncline::sqlite
