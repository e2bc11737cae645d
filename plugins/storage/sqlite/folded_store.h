// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connection.h"
#include "fair_mutex.h"
#include "settings.h"
#include "unfolded.h"
#include "write_ahead_log.h"

namespace syncline::sqlite {

/// For each channel, the index below which its log may go.
using Trims = std::map<std::string, std::uint64_t, std::less<>>;

/// How the last use of a folded file ended.
enum class Ending : std::uint8_t {
    open = 0,    ///< in use now, or its process ended without a word
    clean = 1,   ///< shut down
    copied = 2,  ///< it is a backup, which was never in use
    lossy = 3,   ///< as open, by a use whose durability let commits be lost
};

/// What the one row of `state` says.
struct StoredState {
    std::string storage;  ///< the id that journal and folded file share
    std::uint64_t foldedUpto = 0;
    Ending ending = Ending::open;
};

/// As single steps, for whoever holds the connection.
Result<StoredState> readState(Connection& db);
Result<void> writeState(Connection& db, const StoredState& state);

/// The writing side of the folded file. Every function on any thread; one transaction at a time, in
/// the order of arrival.
class FoldedStore {
public:
    /// `copying`: see WriteAheadLog.
    static Result<std::unique_ptr<FoldedStore>> open(const Settings& settings, std::mutex& copying);

    /// Empty `storage`: the file is new.
    Result<StoredState> state();
    Result<void> setState(const StoredState& state);

    /// Makes log segments of the rows, trims, and moves `foldedUpto` behind them, in one
    /// transaction. Rows that are folded already are skipped. Answers the trims that need another
    /// call.
    Result<Trims> fold(std::span<const SharedRow> rows, const Trims& trims);

    /// Whether the log, folded or not, reaches the index of a checkpoint.
    enum class Place { insideLog, aheadOfLog };

    /// Replaces the checkpoint. One that is ahead of the log moves the log's end to its index and
    /// forgets the entries before: they could not be joined with what follows.
    Result<void> checkpoint(const Checkpoint& checkpoint, Place place);

    /// Makes the channel unreachable; its rows go with purge().
    Result<void> drop(std::string_view channel);

    /// Deletes some rows of dropped channels; false when none is left.
    Result<bool> purge();

    /// The checkpoints that are ahead of the folded log, without their heads.
    struct Ahead {
        std::string channel;
        std::string epoch;
        std::uint64_t index = 0;
        std::uint64_t seq = 0;
    };
    Result<std::vector<Ahead>> checkpointsAhead();

    /// Moves the end of a channel's log to its checkpoint, as above.
    Result<void> joinLog(const Ahead& checkpoint);

    /// See WriteAheadLog.
    void shortenLog();
    std::size_t logBytes() const { return log_.bytes(); }

    Result<void> check();

    const std::string& path() const { return db_->path(); }

private:
    struct Channel {
        std::uint64_t id = 0;  ///< 0: not there
        std::uint64_t lastIndex = 0;
        std::uint64_t lastSeq = 0;
    };
    using Blocks = std::vector<TailBlock>;

    FoldedStore(std::unique_ptr<Connection> db, std::size_t walBytesMax, std::mutex& copying);

    Result<Channel> find(std::string_view name);
    Result<Channel> findOrAdd(std::string_view name, std::string_view epoch);
    Result<void> update(std::string_view name, std::string_view epoch, const Channel& channel);
    Result<void> foldChannel(std::string_view name, const Blocks& blocks);
    Result<void> addSegments(const Channel& before, std::span<const TailBlock> blocks);
    Result<std::uint64_t> checkpointIndex(std::uint64_t channelId);
    Result<void> putItems(const Checkpoint& checkpoint, std::uint64_t channelId);
    Result<void> cutLog(const Ahead& to, std::uint64_t channelId);
    Result<bool> trim(std::string_view name, std::uint64_t belowIndex);

    std::unique_ptr<Connection> db_;
    WriteAheadLog log_;
    FairMutex mutex_;

    Statement selectChannel_;
    Statement insertChannel_;
    Statement updateChannel_;
    Statement selectCheckpoint_;
    Statement replaceCheckpoint_;
    Statement selectTailSegment_;
    Statement deleteSegment_;
    Statement insertSegment_;
    Statement trimSegments_;
    Statement replaceRecord_;
    Statement deleteRecord_;
    Statement replaceStream_;
    Statement deleteStream_;
};

}  // namespace syncline::sqlite
