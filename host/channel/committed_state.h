// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "channel/entry.h"
#include "channel/history.h"
#include "channel/log_tail.h"
#include "channel/open_conflicts.h"
#include "channel/record.h"
#include "channel/stream.h"
#include "channel/stream_id.h"

namespace syncline::channel {

/// Lets maps with text keys be asked with a view.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};

using Records = std::unordered_map<std::string, Record, TextHash, std::equal_to<>>;
using Streams = std::unordered_map<StreamId, Stream, StreamIdHash>;

/// What a channel is after its last committed entry: what replies, reads and pushes are made of.
/// Changes by whole entries alone, so that replaying the log gives the same again.
class CommittedState {
public:
    std::string epoch;
    bool epochWritten = false;  ///< an entry or a checkpoint holds it; else the next entry must
    std::uint64_t index = 0;
    std::uint64_t checkpointIndex = 0;  ///< entries up to this one are in a checkpoint
    std::uint64_t seq = 0;
    std::uint64_t sum = 0;
    /// The newest tombstone that was forgotten: a key that is not there may have been there before.
    std::uint64_t floor = 0;
    /// Streams that were used before this point of time may have been forgotten, and none that was
    /// born at it or later. Clocks go back; this does not.
    std::int64_t agedMs = 0;
    std::size_t keys = 0;  ///< how many of the streams are those of Idempotency-Keys
    Records records;
    Streams streams;
    LogTail log;      ///< what of the log is in memory
    History history;  ///< what of it the storage keeps
    OpenConflicts conflicts;

    const Record* find(std::string_view key) const;
    const Stream* find(const StreamId& id) const;

    /// The stream's high-water mark; 0 when there is no stream.
    std::uint64_t high(const StreamId& id) const;

    /// The record that an effect changes, made if it is missing.
    Record& recordForChange(const std::string& key);

    /// Head, sum and stream of a committed entry; the record is the caller's affair. Takes the
    /// entry's verdict.
    void settle(Entry& entry);

    /// Forgets the stream as a whole.
    void erase(Streams::iterator stream);

    /// Forgets the outcomes that the client has settled.
    void forget(const StreamId& id, std::uint64_t done);

    /// Names of what changed since the last call: the next checkpoint's content. May repeat.
    struct Changes {
        std::vector<std::string> records;
        std::vector<StreamId> streams;
    };
    Changes takeChanges() { return std::exchange(changes_, {}); }
    void putBack(Changes changes);

    void noteChange(const std::string& key) { changes_.records.push_back(key); }
    void noteChange(const StreamId& id) { changes_.streams.push_back(id); }

    /// Deleted records in the order of their deletes, some revived since.
    std::deque<std::pair<std::uint64_t, std::string>> tombstones;

private:
    Changes changes_;
};

}  // namespace syncline::channel
