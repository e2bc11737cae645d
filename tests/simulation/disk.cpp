// SPDX-License-Identifier: Apache-2.0
#include "simulation/disk.h"

#include <algorithm>

namespace syncline::simulation {

using channel::CommitStatus;
using channel::StoredEntry;

namespace {

void put(const std::vector<channel::StoredItem>& items, std::map<std::string, std::string>& into) {
    for (const channel::StoredItem& item : items) {
        if (item.body.empty())
            into.erase(item.name);
        else
            into[item.name] = item.body;
    }
}

}  // namespace

core::Error Disk::failure() const {
    return core::Error::of(core::Code::storageUnavailable, "no space left on device");
}

CommitTrouble Disk::nextTrouble() {
    if (failing_) return CommitTrouble::full;
    if (troubleCommits_ == 0) return CommitTrouble::none;
    --troubleCommits_;
    return trouble_;
}

CommitStatus Disk::commit(std::span<channel::Append> appends, core::Error& error) {
    const CommitTrouble trouble = nextTrouble();
    if (trouble != CommitTrouble::none) watcher_.troubled(trouble);
    const bool lands = trouble == CommitTrouble::none || trouble == CommitTrouble::unknownKept ||
                       trouble == CommitTrouble::diesBehind;
    if (lands)
        for (channel::Append& append : appends) take(append);
    died_ = died_ || trouble >= CommitTrouble::diesBefore;
    if (trouble == CommitTrouble::none) return CommitStatus::done;
    error = failure();
    return trouble == CommitTrouble::full ? CommitStatus::failed : CommitStatus::unknown;
}

void Disk::take(channel::Append& append) {
    Kept& kept = channels_[append.channel];
    append.committed = append.expectedIndex == kept.lastIndex;
    if (!append.committed) return;
    for (const StoredEntry& entry : append.entries) {
        must(entry.index == kept.lastIndex + 1, "a gap in the log of " + append.channel);
        kept.lastIndex = entry.index;
        kept.log.push_back(entry);
        watcher_.landed(append.channel, entry);
    }
    noteEpoch(append.channel, kept, append.epoch);
}

void Disk::noteEpoch(const std::string& channel, Kept& kept, const std::string& epoch) {
    if (epoch == kept.epoch) return;
    kept.epoch = epoch;
    unrenewed_.erase(channel);
}

core::Result<channel::StoredChannel> Disk::load(std::string_view channel) {
    if (failing_) return core::fail(failure());
    channel::StoredChannel stored;
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return stored;
    const Kept& kept = found->second;
    if (kept.checkpointIndex != 0) {
        stored.checkpoint = kept.head;
        for (const auto& [name, body] : kept.records)
            stored.checkpoint->records.push_back({name, body});
        for (const auto& [name, body] : kept.streams)
            stored.checkpoint->streams.push_back({name, body});
    }
    for (const StoredEntry& entry : kept.log)
        if (entry.index > kept.checkpointIndex) stored.entries.push_back(entry);
    return stored;
}

core::Result<std::vector<StoredEntry>> Disk::readLog(std::string_view channel,
                                                     std::uint64_t firstSeq,
                                                     std::uint64_t lastSeq) {
    if (failing_) return core::fail(failure());
    std::vector<StoredEntry> found;
    const auto at = channels_.find(channel);
    if (at == channels_.end()) return found;
    for (const StoredEntry& entry : at->second.log)
        if (entry.seq != 0 && entry.seq >= firstSeq && entry.seq <= lastSeq) found.push_back(entry);
    return found;
}

core::Result<void> Disk::checkpoint(const channel::Checkpoint& checkpoint) {
    if (failing_ || failingCheckpoints_) return core::fail(failure());
    Kept& kept = channels_[checkpoint.channel];
    must(checkpoint.index >= kept.checkpointIndex, "a checkpoint goes back");
    must(checkpoint.index <= kept.lastIndex, "a checkpoint of what was never committed");
    kept.checkpointIndex = checkpoint.index;
    kept.head = checkpoint;
    kept.head.records.clear();
    kept.head.streams.clear();
    put(checkpoint.records, kept.records);
    put(checkpoint.streams, kept.streams);
    noteEpoch(checkpoint.channel, kept, checkpoint.epoch);
    watcher_.compacted(checkpoint.channel);
    return {};
}

core::Result<void> Disk::trim(std::string_view channel, std::uint64_t belowIndex) {
    if (failing_) return core::fail(failure());
    Kept& kept = channels_[std::string(channel)];
    must(belowIndex <= kept.checkpointIndex + 1, "trimming what no checkpoint covers");
    std::erase_if(kept.log, [&](const StoredEntry& entry) { return entry.index < belowIndex; });
    return {};
}

core::Result<std::vector<std::string>> Disk::list() {
    std::vector<std::string> names;
    for (const auto& [name, kept] : channels_) names.push_back(name);
    return names;
}

core::Result<void> Disk::drop(std::string_view channel) {
    if (const auto at = channels_.find(channel); at != channels_.end()) channels_.erase(at);
    return {};
}

core::Result<void> Disk::backup(std::string_view) {
    backup_ = channels_;
    return {};
}

std::map<std::string, std::uint64_t> Disk::restoreBackup() {
    std::map<std::string, std::uint64_t> indexes;
    for (const auto& [name, kept] : channels_) indexes[name] = 0;
    channels_ = backup_;
    unrenewed_.clear();
    for (const auto& [name, kept] : channels_) {
        indexes[name] = kept.lastIndex;
        if (kept.lastIndex != 0) unrenewed_.insert(name);
    }
    return indexes;
}

}  // namespace syncline::simulation
