// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace syncline::channel {

/// One committed outcome as a backend keeps it. `body` is entry_codec's encoding; opaque to it.
struct StoredEntry {
    std::uint64_t index = 0;  ///< dense in its channel, from 1
    std::uint64_t seq = 0;    ///< 0: consumed a number and changed nothing
    std::int64_t atMs = 0;    ///< Unix time
    std::string body;
};

/// What one commit adds to one channel.
struct Append {
    std::string channel;
    std::string epoch;
    std::uint64_t expectedIndex = 0;  ///< the channel's last index before this
    std::vector<StoredEntry> entries;
    bool committed = false;  ///< out: false when expectedIndex did not match
};

/// A record or stream by name. An empty body removes it.
struct StoredItem {
    std::string name;
    std::string body;
};

/// The state of a channel as of `index`. Items are those that changed since the last checkpoint
/// when it is written, and all of them when it is loaded.
struct Checkpoint {
    std::string channel;
    std::string epoch;
    std::uint64_t index = 0;
    std::uint64_t seq = 0;
    std::string head;  ///< the sequencer's encoding of sum and floors
    std::vector<StoredItem> records;
    std::vector<StoredItem> streams;
};

/// A channel as it comes back: a checkpoint, if one was written, and every entry behind it.
struct StoredChannel {
    std::optional<Checkpoint> checkpoint;
    std::vector<StoredEntry> entries;
};

enum class CommitStatus {
    done,     ///< durable, but for appends that say they are not committed
    failed,   ///< nothing was appended
    unknown,  ///< it is not known whether it was: load before going on
};

/// Keeps logs and checkpoints of channels. Implemented by the bridge over storage plugins. Every
/// call may block: commit comes from the instance's one writer thread, the others from a pool.
///
/// The law: checkpoint + the entries behind it = the state, after any crash.
class Storage {
public:
    virtual ~Storage() = default;

    /// All appends in one durable transaction. On anything but `done`, `error` says why.
    virtual CommitStatus commit(std::span<Append> appends, core::Error& error) = 0;

    /// A channel that does not exist is an empty one.
    virtual core::Result<StoredChannel> load(std::string_view channel) = 0;

    /// The kept entries with a seq in first..last, in order.
    virtual core::Result<std::vector<StoredEntry>> readLog(std::string_view channel,
                                                           std::uint64_t firstSeq,
                                                           std::uint64_t lastSeq) = 0;

    virtual core::Result<void> checkpoint(const Checkpoint& checkpoint) = 0;

    /// Entries below this index, which a checkpoint covers, may be forgotten.
    virtual core::Result<void> trim(std::string_view channel, std::uint64_t belowIndex) = 0;

    virtual core::Result<std::vector<std::string>> list() = 0;
    virtual core::Result<void> drop(std::string_view channel) = 0;
    virtual core::Result<void> backup(std::string_view path) = 0;

    /// Whether nothing that was committed can have been lost since. If something can (an unclean
    /// end of a backend that does not survive it, a restored backup), every channel gets a new
    /// epoch.
    virtual bool wasClean() = 0;
};

}  // namespace syncline::channel
