// SPDX-License-Identifier: Apache-2.0
#include "store.h"

#include <algorithm>
#include <syncline/plugin/error.hpp>

namespace syncline::memory {
namespace {

// The protocol's "storage unavailable".
constexpr std::uint32_t storageUnavailable = 1003;

// About what the containers take beside the bytes themselves.
constexpr std::size_t entryBytes = 72;
constexpr std::size_t itemBytes = 112;
constexpr std::size_t channelBytes = 256;

// One part of so many is not for commits.
constexpr std::size_t partsOfLimit = 16;

std::size_t bytesOfItem(std::string_view name, std::string_view body) {
    return itemBytes + name.size() + body.size();
}

}  // namespace

std::size_t Store::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

void Store::requireRoom(std::size_t more, std::size_t less, std::size_t limit) const {
    if (more <= less || bytes_ + more <= limit + less) return;
    throw Refusal(storageUnavailable,
                  "the memory storage is full: " + std::to_string(bytes_) + " bytes of bytes_max " +
                      std::to_string(bytesMax_) +
                      " are taken: raise it, keep less history, or use a storage on disk")
        .retryAfter(1'000);
}

std::uint64_t Store::lastIndex(std::string_view channel) const {
    const auto found = channels_.find(channel);
    return found == channels_.end() ? 0 : found->second.lastIndex;
}

/// Which appends find the index that they expect; those before them in the same commit count.
std::vector<bool> Store::fitting(Appends appends) const {
    std::unordered_map<std::string_view, std::uint64_t> heads;
    std::vector<bool> fit;
    for (std::size_t i = 0; i < appends.size(); ++i) {
        const Append append = appends[i];
        std::uint64_t& head =
            heads.try_emplace(append.channel(), lastIndex(append.channel())).first->second;
        fit.push_back(head == append.expectedIndex());
        if (!fit.back()) continue;
        for (std::size_t at = 0; at < append.entryCount(); ++at) {
            if (append.entry(at).index == ++head) continue;
            throw Refusal(storageUnavailable, "the entries of '" + std::string(append.channel()) +
                                                  "' do not follow each other at index " +
                                                  std::to_string(head));
        }
    }
    return fit;
}

void Store::commit(Appends appends) {
    const std::lock_guard lock(mutex_);
    const std::vector<bool> fit = fitting(appends);
    std::size_t more = 0;
    for (std::size_t i = 0; i < appends.size(); ++i) {
        appends[i].setCommitted(false);
        if (!fit[i]) continue;
        if (!channels_.contains(appends[i].channel())) more += channelBytes;
        for (std::size_t at = 0; at < appends[i].entryCount(); ++at) {
            more += entryBytes + appends[i].entry(at).body.size();
        }
    }
    requireRoom(more, 0, bytesMax_ - bytesMax_ / partsOfLimit);
    for (std::size_t i = 0; i < appends.size(); ++i) {
        if (!fit[i]) continue;
        append(appends[i]);
        appends[i].setCommitted(true);
    }
}

void Store::append(const Append& append) {
    if (append.entryCount() == 0) return;
    const auto [found, added] = channels_.try_emplace(std::string(append.channel()));
    if (added) bytes_ += channelBytes;
    Channel& channel = found->second;
    for (std::size_t at = 0; at < append.entryCount(); ++at) {
        const Entry entry = append.entry(at);
        channel.log.push_back({entry.index, entry.seq, entry.atMs, std::string(entry.body)});
        bytes_ += entryBytes + entry.body.size();
    }
    channel.lastIndex += append.entryCount();
}

/// The host's functions are called without the lock, so what they are told is copied first.
void Store::pour(const std::vector<KeptEntry>& entries, const Reader& reader) {
    for (const KeptEntry& each : entries) {
        if (!reader.entry({each.index, each.seq, each.atMs, each.body})) return;
    }
}

void Store::load(std::string_view name, const Reader& reader) const {
    std::optional<KeptHead> head;
    Items records;
    Items streams;
    std::vector<KeptEntry> entries;
    {
        const std::lock_guard lock(mutex_);
        const auto found = channels_.find(name);
        if (found == channels_.end()) return;
        const Channel& channel = found->second;
        head = channel.checkpoint;
        records = channel.records;
        streams = channel.streams;
        const std::uint64_t covered = head ? head->index : 0;
        std::copy_if(channel.log.begin(), channel.log.end(), std::back_inserter(entries),
                     [&](const KeptEntry& entry) { return entry.index > covered; });
    }
    if (head && !reader.checkpoint({name, head->epoch, head->index, head->seq, head->head})) return;
    for (const auto& [key, body] : records) {
        if (!reader.record({key, body})) return;
    }
    for (const auto& [id, body] : streams) {
        if (!reader.stream({id, body})) return;
    }
    pour(entries, reader);
}

void Store::readLog(std::string_view name, std::uint64_t firstSeq, std::uint64_t lastSeq,
                    const Reader& reader) const {
    std::vector<KeptEntry> entries;
    {
        const std::lock_guard lock(mutex_);
        const auto found = channels_.find(name);
        if (found == channels_.end()) return;
        const auto& log = found->second.log;
        std::copy_if(log.begin(), log.end(), std::back_inserter(entries),
                     [&](const KeptEntry& entry) {
                         return entry.seq != 0 && entry.seq >= firstSeq && entry.seq <= lastSeq;
                     });
    }
    pour(entries, reader);
}

/// What the item takes that is there now.
std::size_t Store::bytesIn(const Items& items, std::string_view name) {
    const auto found = items.find(name);
    return found == items.end() ? 0 : bytesOfItem(found->first, found->second);
}

void Store::put(Items& items, const StoredItem& item) {
    if (const auto found = items.find(item.name); found != items.end()) {
        bytes_ -= bytesOfItem(found->first, found->second);
        items.erase(found);
    }
    if (item.body.empty()) return;
    items.emplace(item.name, item.body);
    bytes_ += bytesOfItem(item.name, item.body);
}

/// What it replaces and removes makes room for it.
void Store::requireRoomFor(const Checkpoint& checkpoint, const Channel* channel) const {
    static const Channel none;
    const Channel& before = channel == nullptr ? none : *channel;
    std::size_t more = checkpoint.head().size() + (channel == nullptr ? channelBytes : 0);
    std::size_t less = before.checkpoint ? before.checkpoint->head.size() : 0;
    const auto count = [&](const StoredItem& item, const Items& items) {
        if (!item.body.empty()) more += bytesOfItem(item.name, item.body);
        less += bytesIn(items, item.name);
    };
    for (std::size_t i = 0; i < checkpoint.recordCount(); ++i) {
        count(checkpoint.record(i), before.records);
    }
    for (std::size_t i = 0; i < checkpoint.streamCount(); ++i) {
        count(checkpoint.stream(i), before.streams);
    }
    requireRoom(more, less, bytesMax_);
}

void Store::checkpoint(const Checkpoint& checkpoint) {
    const std::lock_guard lock(mutex_);
    const auto known = channels_.find(checkpoint.channel());
    if (known != channels_.end() && known->second.checkpoint &&
        checkpoint.index() < known->second.checkpoint->index) {
        throw Refusal(storageUnavailable, "the checkpoint of '" +
                                              std::string(checkpoint.channel()) +
                                              "' is older than the stored one");
    }
    requireRoomFor(checkpoint, known == channels_.end() ? nullptr : &known->second);
    const auto [found, added] = channels_.try_emplace(std::string(checkpoint.channel()));
    if (added) bytes_ += channelBytes;
    Channel& channel = found->second;
    bytes_ -= channel.checkpoint ? channel.checkpoint->head.size() : 0;
    bytes_ += checkpoint.head().size();
    channel.checkpoint = {std::string(checkpoint.epoch()), checkpoint.index(), checkpoint.seq(),
                          std::string(checkpoint.head())};
    for (std::size_t i = 0; i < checkpoint.recordCount(); ++i) {
        put(channel.records, checkpoint.record(i));
    }
    for (std::size_t i = 0; i < checkpoint.streamCount(); ++i) {
        put(channel.streams, checkpoint.stream(i));
    }
    if (checkpoint.index() <= channel.lastIndex) return;
    // Ahead of the log: what comes next could not be joined with the entries before.
    for (const KeptEntry& each : channel.log) bytes_ -= entryBytes + each.body.size();
    channel.log.clear();
    channel.lastIndex = checkpoint.index();
}

void Store::trim(std::string_view name, std::uint64_t belowIndex) {
    const std::lock_guard lock(mutex_);
    const auto found = channels_.find(name);
    if (found == channels_.end() || !found->second.checkpoint) return;
    Channel& channel = found->second;
    const std::uint64_t below = std::min(belowIndex, channel.checkpoint->index + 1);
    while (!channel.log.empty() && channel.log.front().index < below) {
        bytes_ -= entryBytes + channel.log.front().body.size();
        channel.log.pop_front();
    }
}

void Store::list(const Reader& reader) const {
    std::vector<std::string> names;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [name, channel] : channels_) names.push_back(name);
    }
    for (const std::string& name : names) {
        if (!reader.channel(name)) return;
    }
}

std::size_t Store::bytesOf(const Channel& channel) {
    std::size_t bytes = channelBytes;
    if (channel.checkpoint) bytes += channel.checkpoint->head.size();
    for (const auto& [key, body] : channel.records) bytes += bytesOfItem(key, body);
    for (const auto& [id, body] : channel.streams) bytes += bytesOfItem(id, body);
    for (const KeptEntry& entry : channel.log) bytes += entryBytes + entry.body.size();
    return bytes;
}

void Store::drop(std::string_view name) {
    const std::lock_guard lock(mutex_);
    const auto found = channels_.find(name);
    if (found == channels_.end()) return;
    bytes_ -= bytesOf(found->second);
    channels_.erase(found);
}

}  // namespace syncline::memory
