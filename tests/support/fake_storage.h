// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "channel/storage.h"

namespace syncline::tests {

/// A storage in memory that fails when the test says so, and that throws when the host breaks the
/// contract: a gap in a log, a checkpoint of what was never committed, trimming what no checkpoint
/// covers. Outlives the directory: what is in it is "on disk". [any thread]
class FakeStorage final : public channel::Storage {
public:
    /// What becomes of a commit.
    enum class Fault {
        none,
        fail,         ///< nothing is appended, and the storage knows
        unknownLost,  ///< nothing is appended, and it does not know
        unknownKept,  ///< all is appended, and it does not know
    };

    /// For the next commits, in order; then all go well.
    std::deque<Fault> commitFaults;
    bool failLoads = false;
    bool failReads = false;
    bool failCheckpoints = false;
    bool failTrims = false;
    bool clean = true;
    bool durable = true;
    bool takesImports = false;  ///< a checkpoint ahead of the log starts the log anew behind it

    channel::CommitStatus commit(std::span<channel::Append> appends, core::Error& error) override {
        const std::lock_guard lock(mutex_);
        ++commits;
        Fault fault = Fault::none;
        if (!commitFaults.empty()) {
            fault = commitFaults.front();
            commitFaults.pop_front();
        }
        if (fault == Fault::none || fault == Fault::unknownKept)
            for (channel::Append& append : appends) take(append);
        if (fault == Fault::none) return channel::CommitStatus::done;
        error = core::Error::of(core::Code::storageUnavailable, "no space left on device");
        return fault == Fault::fail ? channel::CommitStatus::failed
                                    : channel::CommitStatus::unknown;
    }

    core::Result<channel::StoredChannel> load(std::string_view channel) override {
        const std::lock_guard lock(mutex_);
        ++loads;
        if (failLoads)
            return core::fail(core::Code::storageUnavailable, "the disk does not answer");
        const Kept& kept = channels_[std::string(channel)];
        channel::StoredChannel stored;
        if (kept.checkpointIndex != 0) {
            stored.checkpoint = kept.head;
            for (const auto& [name, body] : kept.records)
                stored.checkpoint->records.push_back({name, body});
            for (const auto& [name, body] : kept.streams)
                stored.checkpoint->streams.push_back({name, body});
        }
        for (const channel::StoredEntry& entry : kept.log)
            if (entry.index > kept.checkpointIndex) stored.entries.push_back(entry);
        return stored;
    }

    core::Result<std::vector<channel::StoredEntry>> readLog(std::string_view channel,
                                                            std::uint64_t firstSeq,
                                                            std::uint64_t lastSeq) override {
        if (failReads)
            return core::fail(core::Code::storageUnavailable, "the disk does not answer");
        const std::lock_guard lock(mutex_);
        ++logReads;
        std::vector<channel::StoredEntry> found;
        for (const channel::StoredEntry& entry : channels_[std::string(channel)].log)
            if (entry.seq != 0 && entry.seq >= firstSeq && entry.seq <= lastSeq)
                found.push_back(entry);
        return found;
    }

    core::Result<void> checkpoint(const channel::Checkpoint& checkpoint) override {
        const std::lock_guard lock(mutex_);
        ++checkpoints;
        if (failCheckpoints)
            return core::fail(core::Code::storageUnavailable, "no space left on device");
        Kept& kept = channels_[checkpoint.channel];
        must(checkpoint.index >= kept.checkpointIndex, "a checkpoint goes back");
        if (takesImports && checkpoint.index > kept.lastIndex) {
            kept.log.clear();
            kept.lastIndex = checkpoint.index;
        }
        must(checkpoint.index <= kept.lastIndex, "a checkpoint of what was never committed");
        kept.checkpointIndex = checkpoint.index;
        kept.head = checkpoint;
        kept.head.records.clear();
        kept.head.streams.clear();
        put(checkpoint.records, kept.records);
        put(checkpoint.streams, kept.streams);
        return {};
    }

    core::Result<void> trim(std::string_view channel, std::uint64_t belowIndex) override {
        const std::lock_guard lock(mutex_);
        if (failTrims) return core::fail(core::Code::storageUnavailable, "no space left on device");
        Kept& kept = channels_[std::string(channel)];
        must(belowIndex <= kept.checkpointIndex + 1, "trimming what no checkpoint covers");
        std::erase_if(kept.log,
                      [belowIndex](const auto& entry) { return entry.index < belowIndex; });
        return {};
    }

    core::Result<std::vector<std::string>> list() override {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> names;
        for (const auto& [name, kept] : channels_) names.push_back(name);
        return names;
    }

    core::Result<void> drop(std::string_view channel) override {
        const std::lock_guard lock(mutex_);
        channels_.erase(std::string(channel));
        return {};
    }

    core::Result<void> backup(std::string_view) override { return {}; }
    bool wasClean() override { return clean || durable; }

    /// All that is kept of a channel's log.
    std::vector<channel::StoredEntry>& log(const std::string& channel) {
        return channels_[channel].log;
    }
    std::uint64_t checkpointIndex(const std::string& channel) {
        return channels_[channel].checkpointIndex;
    }
    std::size_t recordImages(const std::string& channel) {
        return channels_[channel].records.size();
    }

    /// Another node appends behind the host's back.
    void appendElsewhere(const std::string& channel, channel::StoredEntry entry) {
        const std::lock_guard lock(mutex_);
        Kept& kept = channels_[channel];
        kept.lastIndex = entry.index;
        kept.log.push_back(std::move(entry));
    }

    std::size_t commits = 0;
    std::size_t loads = 0;
    std::size_t logReads = 0;
    std::size_t checkpoints = 0;

private:
    struct Kept {
        std::uint64_t lastIndex = 0;
        std::uint64_t checkpointIndex = 0;
        channel::Checkpoint head;
        std::map<std::string, std::string> records;
        std::map<std::string, std::string> streams;
        std::vector<channel::StoredEntry> log;
    };

    static void must(bool holds, const char* broken) {
        if (!holds) throw std::logic_error(broken);
    }

    static void put(const std::vector<channel::StoredItem>& items,
                    std::map<std::string, std::string>& into) {
        for (const channel::StoredItem& item : items) {
            if (item.body.empty())
                into.erase(item.name);
            else
                into[item.name] = item.body;
        }
    }

    void take(channel::Append& append) {
        Kept& kept = channels_[append.channel];
        append.committed = append.expectedIndex == kept.lastIndex;
        if (!append.committed) return;
        for (const channel::StoredEntry& entry : append.entries) {
            must(entry.index == kept.lastIndex + 1, "a gap in the log");
            kept.lastIndex = entry.index;
            kept.log.push_back(entry);
        }
    }

    std::mutex mutex_;
    std::map<std::string, Kept> channels_;
};

}  // namespace syncline::tests
