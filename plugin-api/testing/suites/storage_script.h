// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "syncline/testing/disk_faults.h"
#include "syncline/testing/storage_driver.h"

namespace syncline::conformance {

/// What a storage has to hold. On the stack of a test.
class Model {
public:
    struct Channel {
        StoredChannel stored;  ///< entries: all that there ever were
        std::uint64_t last = 0;
        std::uint64_t lastSeq = 0;
    };

    std::map<std::string, Channel> channels;

    void append(const Addition& addition);
    void checkpoint(const std::string& name, const StoredHead& head, const Items& records,
                    const Items& streams);
    void drop(const std::string& name) { channels.erase(name); }

    static StoredChannel expectedLoad(const Channel& channel);
    StoredChannel expectedLoad(const std::string& name) const;
    std::vector<std::string> names() const;
};

/// One thing that a storage is asked to do.
struct ScriptStep {
    enum class Kind { commit, checkpoint, trim, drop };

    Kind kind = Kind::commit;
    std::vector<Addition> additions;
    std::string channel;
    StoredHead head;
    Items records;
    Items streams;
    std::uint64_t belowIndex = 0;

    static ScriptStep commit(std::vector<Addition> additions);
    static ScriptStep checkpoint(std::string channel, std::uint64_t index, Items records,
                                 Items streams);
    static ScriptStep trim(std::string channel, std::uint64_t belowIndex);
    static ScriptStep drop(std::string channel);
};

/// A history that is always the same.
struct Script {
    std::vector<ScriptStep> steps;

    /// Commits over several channels, refused ops among them.
    static Script ofCommits();
    /// Checkpoints, trims and a drop between commits.
    static Script ofCheckpoints();
    /// Both, shorter.
    static Script ofEverything();

    /// What has to be there when the first steps, so many, were carried out.
    Model after(std::size_t steps) const;
};

/// Asks the storage for it. An append that is not committed is a failure.
Answer carryOut(const ScriptStep& step, StorageDriver& storage);

/// What the storage holds otherwise than the model says; empty if nothing.
std::string difference(StorageDriver& storage, const Model& model);
std::string differenceOf(StorageDriver& storage, const std::string& name,
                         const Model::Channel& channel);

/// How a process of its own ended.
struct End {
    bool killed = false;
    int exitCode = 0;
    std::size_t acked = 0;  ///< steps of which the storage said that they were done
};

/// What a process of its own is to do.
struct Errand {
    const syncline_component& component;
    Json config;
    Script script;
    /// Made in that process before anything else; lives as long as it.
    std::function<std::unique_ptr<DiskFaults>()> fault = [] { return nullptr; };
    bool closes = true;  ///< else it ends without a word
};

/// Opens the storage in another process and carries the script out there.
End carryOutElsewhere(const Errand& errand);

}  // namespace syncline::conformance
