// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "channel/storage.h"
#include "simulation/dice.h"

namespace syncline::simulation {

/// What becomes of a commit that goes wrong.
enum class CommitTrouble : std::uint8_t {
    none,
    full,         ///< nothing is written, and the disk says so
    unknownLost,  ///< nothing is written, and the disk does not know
    unknownKept,  ///< all of it is, and the disk does not know
    diesBefore,   ///< the process ends, and nothing was written
    diesTorn,     ///< it ends, and a part was written, which recovery throws away
    diesBehind,   ///< it ends, and all of it was written
};

/// The storage backend of the simulated server. What is in it outlives the server. It keeps the
/// contract of channel::Storage, and holds the server to it: a gap, a checkpoint of what was never
/// committed or a trim of what no checkpoint covers is a violation.
class Disk final : public channel::Storage {
public:
    struct Watcher {
        /// Entries are durable from now on.
        std::function<void(const std::string& channel, const channel::StoredEntry&)> landed;
        std::function<void(const std::string& channel)> compacted;
        /// A commit begins that goes wrong in this way.
        std::function<void(CommitTrouble)> troubled;
        std::function<void(const std::string& what)> violated;
    };

    explicit Disk(Watcher watcher) : watcher_(std::move(watcher)) {}

    channel::CommitStatus commit(std::span<channel::Append> appends, core::Error& error) override;
    core::Result<channel::StoredChannel> load(std::string_view channel) override;
    core::Result<std::vector<channel::StoredEntry>> readLog(std::string_view channel,
                                                            std::uint64_t firstSeq,
                                                            std::uint64_t lastSeq) override;
    core::Result<void> checkpoint(const channel::Checkpoint& checkpoint) override;
    core::Result<void> trim(std::string_view channel, std::uint64_t belowIndex) override;
    core::Result<std::vector<std::string>> list() override;
    core::Result<void> drop(std::string_view channel) override;
    core::Result<void> backup(std::string_view path) override;
    bool wasClean() override { return unrenewed_.empty(); }

    // What the simulation does to it.

    /// For the next commits.
    void makeTrouble(CommitTrouble trouble, std::size_t commits = 1) {
        trouble_ = trouble;
        troubleCommits_ = commits;
    }
    void failAll(bool fails) { failing_ = fails; }
    void failCheckpoints(bool fails) { failingCheckpoints_ = fails; }
    void heal() {
        failing_ = false;
        failingCheckpoints_ = false;
        troubleCommits_ = 0;
    }
    bool takeDeath() { return std::exchange(died_, false); }

    /// The backup takes the place of everything. Answers the last index of each channel.
    std::map<std::string, std::uint64_t> restoreBackup();

private:
    struct Kept {
        std::uint64_t lastIndex = 0;
        std::string epoch;
        std::uint64_t checkpointIndex = 0;
        channel::Checkpoint head;
        std::map<std::string, std::string> records;
        std::map<std::string, std::string> streams;
        std::vector<channel::StoredEntry> log;
    };
    using Channels = std::map<std::string, Kept, std::less<>>;

    CommitTrouble nextTrouble();
    void take(channel::Append& append);
    void must(bool holds, const std::string& broken) {
        if (!holds) watcher_.violated("storage contract: " + broken);
    }
    void noteEpoch(const std::string& channel, Kept& kept, const std::string& epoch);
    core::Error failure() const;

    const Watcher watcher_;
    Channels channels_;
    Channels backup_;
    std::set<std::string, std::less<>> unrenewed_;  ///< restored, and still in their old epoch
    CommitTrouble trouble_ = CommitTrouble::none;
    std::size_t troubleCommits_ = 0;
    bool failing_ = false;
    bool failingCheckpoints_ = false;
    bool died_ = false;
};

}  // namespace syncline::simulation
