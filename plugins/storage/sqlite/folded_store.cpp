// SPDX-License-Identifier: Apache-2.0
#include "folded_store.h"

#include <algorithm>
#include <unordered_map>

#include "schema.h"
#include "sums.h"

namespace syncline::sqlite {
namespace {

// A last segment below this size is continued instead of starting another one, so that a channel
// with few ops does not end as thousands of tiny rows.
constexpr std::size_t continuedBytesMax = 4096;

// What one segment takes before the next one starts: the step in which logs are trimmed.
constexpr std::size_t segmentBytes = 128U << 10;

// What one transaction trims or purges, so that others need not wait long for their turn.
constexpr std::uint64_t trimmedSegmentsMax = 64;
constexpr std::uint64_t purgedRowsMax = 512;

Failure damaged(const std::string& path, const std::string& what) {
    return describe(SQLITE_CORRUPT, path, "reading " + what, "its checksum does not match");
}

}  // namespace

Result<StoredState> readState(Connection& db) {
    Statement select(db, "SELECT storage, folded_upto, ending, sum FROM state");
    StoredState state;
    Rows rows = select.with();
    if (rows.next()) {
        state = {std::string(rows.bytes(0)), rows.number(1), static_cast<Ending>(rows.number(2))};
        if (rows.number(3) != stateSum(state.storage, state.foldedUpto, rows.number(2))) {
            return fail(damaged(db.path(), "the state"));
        }
    }
    if (auto good = rows.check("reading the state"); !good) return fail(good.error());
    return state;
}

Result<void> writeState(Connection& db, const StoredState& state) {
    const auto ending = static_cast<std::uint64_t>(state.ending);
    return Statement(db, "INSERT OR REPLACE INTO state VALUES(1, ?, ?, ?, ?)")
        .run("writing the state", std::string_view(state.storage), state.foldedUpto, ending,
             stateSum(state.storage, state.foldedUpto, ending));
}

FoldedStore::FoldedStore(std::unique_ptr<Connection> db, std::size_t walBytesMax,
                         std::mutex& copying)
    : db_(std::move(db)),
      log_(*db_, walBytesMax, copying),
      selectChannel_(*db_,
                     "SELECT id, epoch, last_index, last_seq, sum FROM channel WHERE name = ?"),
      insertChannel_(*db_, "INSERT INTO channel VALUES(NULL, ?, ?, 0, 0, ?) RETURNING id"),
      updateChannel_(*db_,
                     "UPDATE channel SET epoch = ?, last_index = ?, last_seq = ?, sum = ? "
                     "WHERE id = ?"),
      selectCheckpoint_(*db_, "SELECT last_index FROM checkpoint WHERE channel = ?"),
      replaceCheckpoint_(*db_, "INSERT OR REPLACE INTO checkpoint VALUES(?, ?, ?, ?, ?, ?)"),
      selectTailSegment_(*db_,
                         "SELECT id, first_index, last_index, first_seq, last_seq, sum, body "
                         "FROM segment WHERE channel = ? AND last_index = ? AND length(body) < ?"),
      deleteSegment_(*db_, "DELETE FROM segment WHERE id = ?"),
      insertSegment_(*db_, "INSERT INTO segment VALUES(NULL, ?, ?, ?, ?, ?, ?, ?)"),
      trimSegments_(*db_,
                    "DELETE FROM segment WHERE id IN (SELECT id FROM segment "
                    "WHERE channel = ? AND last_index < ? ORDER BY last_index LIMIT ?)"),
      replaceRecord_(*db_, "INSERT OR REPLACE INTO record VALUES(?, ?, ?, ?)"),
      deleteRecord_(*db_, "DELETE FROM record WHERE channel = ? AND name = ?"),
      replaceStream_(*db_, "INSERT OR REPLACE INTO stream VALUES(?, ?, ?, ?)"),
      deleteStream_(*db_, "DELETE FROM stream WHERE channel = ? AND name = ?") {}

Result<std::unique_ptr<FoldedStore>> FoldedStore::open(const Settings& settings,
                                                       std::mutex& copying) {
    auto db = openFile(settings.path, foldedFile, settings.durability);
    if (!db) return fail(db.error());
    return std::unique_ptr<FoldedStore>(
        new FoldedStore(std::move(*db), settings.walBytesMax, copying));
}

Result<StoredState> FoldedStore::state() {
    const std::lock_guard lock(mutex_);
    return readState(*db_);
}

Result<void> FoldedStore::setState(const StoredState& state) {
    const std::lock_guard lock(mutex_);
    return writeState(*db_, state);
}

Result<FoldedStore::Channel> FoldedStore::find(std::string_view name) {
    Channel channel;
    Rows rows = selectChannel_.with(name);
    if (rows.next()) {
        channel = {rows.number(0), rows.number(2), rows.number(3)};
        const auto sum = channelSum(name, rows.bytes(1), channel.lastIndex, channel.lastSeq);
        if (rows.number(4) != sum) return fail(damaged(path(), "a channel"));
    }
    if (auto good = rows.check("reading a channel"); !good) return fail(good.error());
    return channel;
}

Result<FoldedStore::Channel> FoldedStore::findOrAdd(std::string_view name, std::string_view epoch) {
    auto channel = find(name);
    if (!channel || channel->id != 0) return channel;
    Rows rows = insertChannel_.with(name, epoch, channelSum(name, epoch, 0, 0));
    if (rows.next()) channel->id = rows.number(0);
    while (rows.next()) {
    }
    if (auto good = rows.check("adding a channel"); !good) return fail(good.error());
    return channel;
}

Result<void> FoldedStore::update(std::string_view name, std::string_view epoch,
                                 const Channel& channel) {
    return updateChannel_.run("moving the end of a log", epoch, channel.lastIndex, channel.lastSeq,
                              channelSum(name, epoch, channel.lastIndex, channel.lastSeq),
                              channel.id);
}

Result<Trims> FoldedStore::fold(std::span<const SharedRow> rows, const Trims& trims) {
    std::unordered_map<std::string_view, Blocks> byChannel;
    for (const SharedRow& row : rows) {
        for (const Block& block : row->blocks) byChannel[block.channel].push_back({row, &block});
    }
    const std::lock_guard lock(mutex_);
    auto transaction = Transaction::begin(*db_);
    if (!transaction) return fail(transaction.error());
    for (const auto& [name, blocks] : byChannel) {
        if (auto done = foldChannel(name, blocks); !done) return fail(done.error());
    }
    Trims unfinished;
    for (const auto& [name, below] : trims) {
        const auto finished = trim(name, below);
        if (!finished) return fail(finished.error());
        if (!*finished) unfinished.emplace(name, below);
    }
    if (!rows.empty()) {
        auto now = readState(*db_);
        if (!now) return fail(now.error());
        now->foldedUpto = std::max(now->foldedUpto, rows.back()->id);
        if (auto done = writeState(*db_, *now); !done) return fail(done.error());
    }
    if (auto done = transaction->commit(); !done) return fail(done.error());
    return unfinished;
}

Result<void> FoldedStore::foldChannel(std::string_view name, const Blocks& blocks) {
    auto channel = findOrAdd(name, blocks.front().block->epoch);
    if (!channel) return fail(channel.error());
    const auto fresh = std::find_if(blocks.begin(), blocks.end(), [&](const TailBlock& each) {
        return each.block->lastIndex > channel->lastIndex;
    });
    if (fresh == blocks.end()) return {};
    if (fresh->block->firstIndex != channel->lastIndex + 1) {
        return fail(path() + ": channel '" + std::string(name) + "' ends at index " +
                    std::to_string(channel->lastIndex) + " and its journal goes on at " +
                    std::to_string(fresh->block->firstIndex) +
                    ": a file was changed; restore both files of the storage, or a backup");
    }
    if (auto done = addSegments(*channel, {fresh, blocks.end()}); !done) return done;
    channel->lastIndex = blocks.back().block->lastIndex;
    for (auto each = fresh; each != blocks.end(); ++each) {
        channel->lastSeq = std::max(channel->lastSeq, each->block->lastSeq);
    }
    return update(name, blocks.back().block->epoch, *channel);
}

namespace {

void extend(SegmentBounds& bounds, const Block& block) {
    if (bounds.firstIndex == 0) bounds.firstIndex = block.firstIndex;
    bounds.lastIndex = block.lastIndex;
    if (bounds.firstSeq == 0) bounds.firstSeq = block.firstSeq;
    bounds.lastSeq = std::max(bounds.lastSeq, block.lastSeq);
}

}  // namespace

Result<void> FoldedStore::addSegments(const Channel& before, std::span<const TailBlock> blocks) {
    SegmentBounds bounds;
    std::string body;
    if (blocks.front().block->size < continuedBytesMax) {
        Rows tail =
            selectTailSegment_.with(before.id, before.lastIndex, std::uint64_t{continuedBytesMax});
        if (tail.next()) {
            bounds = {tail.number(1), tail.number(2), tail.number(3), tail.number(4)};
            body = tail.bytes(6);
            if (tail.number(5) != segmentSum(before.id, bounds, body)) {
                return fail(damaged(path(), "a log segment"));
            }
            auto done = deleteSegment_.run("continuing a log segment", tail.number(0));
            if (!done) return done;
        }
        if (auto good = tail.check("reading a log segment"); !good) return good;
    }
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        extend(bounds, *blocks[i].block);
        body.append(blocks[i].entries());
        if (body.size() < segmentBytes && i + 1 < blocks.size()) continue;
        auto done = insertSegment_.run("adding a log segment", before.id, bounds.firstIndex,
                                       bounds.lastIndex, bounds.firstSeq, bounds.lastSeq,
                                       segmentSum(before.id, bounds, body), Blob{body});
        if (!done) return done;
        bounds = {};
        body.clear();
    }
    return {};
}

Result<std::uint64_t> FoldedStore::checkpointIndex(std::uint64_t channelId) {
    Rows rows = selectCheckpoint_.with(channelId);
    const std::uint64_t index = rows.next() ? rows.number(0) : 0;
    if (auto good = rows.check("reading a checkpoint"); !good) return fail(good.error());
    return index;
}

Result<bool> FoldedStore::trim(std::string_view name, std::uint64_t belowIndex) {
    const auto channel = find(name);
    if (!channel) return fail(channel.error());
    if (channel->id == 0) return true;
    // Only what a checkpoint covers may go, whatever was asked for.
    const auto covered = checkpointIndex(channel->id);
    if (!covered) return fail(covered.error());
    const std::uint64_t below = std::min(belowIndex, *covered + 1);
    auto done = trimSegments_.run("trimming a log", channel->id, below, trimmedSegmentsMax);
    if (!done) return fail(done.error());
    return static_cast<std::uint64_t>(sqlite3_changes64(db_->handle())) < trimmedSegmentsMax;
}

Result<void> FoldedStore::checkpoint(const Checkpoint& checkpoint, Place place) {
    const std::lock_guard lock(mutex_);
    auto transaction = Transaction::begin(*db_);
    if (!transaction) return fail(transaction.error());
    const auto channel = findOrAdd(checkpoint.channel(), checkpoint.epoch());
    if (!channel) return fail(channel.error());
    const auto known = checkpointIndex(channel->id);
    if (!known) return fail(known.error());
    if (checkpoint.index() < *known) {
        return fail("the checkpoint of '" + std::string(checkpoint.channel()) + "' at index " +
                    std::to_string(checkpoint.index()) + " is older than the stored one at " +
                    std::to_string(*known));
    }
    auto done =
        replaceCheckpoint_.run("writing a checkpoint", channel->id, checkpoint.epoch(),
                               checkpoint.index(), checkpoint.seq(), Blob{checkpoint.head()},
                               checkpointSum(channel->id, checkpoint.epoch(), checkpoint.index(),
                                             checkpoint.seq(), checkpoint.head()));
    if (!done) return done;
    if (done = putItems(checkpoint, channel->id); !done) return done;
    if (place == Place::aheadOfLog) {
        const Ahead ahead{std::string(checkpoint.channel()), std::string(checkpoint.epoch()),
                          checkpoint.index(), checkpoint.seq()};
        if (done = cutLog(ahead, channel->id); !done) return done;
    }
    return transaction->commit();
}

Result<void> FoldedStore::putItems(const Checkpoint& checkpoint, std::uint64_t channelId) {
    const auto put = [&](const StoredItem& item, Statement& replace, Statement& remove) {
        if (item.body.empty()) return remove.run("removing an item", channelId, item.name);
        return replace.run("writing an item", channelId, item.name, Blob{item.body},
                           itemSum(channelId, item.name, item.body));
    };
    for (std::size_t i = 0; i < checkpoint.recordCount(); ++i) {
        auto done = put(checkpoint.record(i), replaceRecord_, deleteRecord_);
        if (!done) return done;
    }
    for (std::size_t i = 0; i < checkpoint.streamCount(); ++i) {
        auto done = put(checkpoint.stream(i), replaceStream_, deleteStream_);
        if (!done) return done;
    }
    return {};
}

Result<void> FoldedStore::cutLog(const Ahead& to, std::uint64_t channelId) {
    Statement deleteAll(*db_, "DELETE FROM segment WHERE channel = ?");
    if (auto done = deleteAll.run("cutting a log", channelId); !done) return done;
    return update(to.channel, to.epoch, {channelId, to.index, to.seq});
}

Result<std::vector<FoldedStore::Ahead>> FoldedStore::checkpointsAhead() {
    const std::lock_guard lock(mutex_);
    Statement select(*db_,
                     "SELECT name, checkpoint.epoch, checkpoint.last_index, checkpoint.last_seq "
                     "FROM checkpoint JOIN channel ON channel.id = checkpoint.channel "
                     "WHERE checkpoint.last_index > channel.last_index AND name IS NOT NULL");
    std::vector<Ahead> ahead;
    Rows rows = select.with();
    while (rows.next()) {
        ahead.push_back({std::string(rows.bytes(0)), std::string(rows.bytes(1)), rows.number(2),
                         rows.number(3)});
    }
    if (auto good = rows.check("reading the checkpoints"); !good) return fail(good.error());
    return ahead;
}

Result<void> FoldedStore::joinLog(const Ahead& checkpoint) {
    const std::lock_guard lock(mutex_);
    auto transaction = Transaction::begin(*db_);
    if (!transaction) return fail(transaction.error());
    const auto channel = find(checkpoint.channel);
    if (!channel) return fail(channel.error());
    if (auto done = cutLog(checkpoint, channel->id); !done) return done;
    return transaction->commit();
}

Result<void> FoldedStore::drop(std::string_view channel) {
    const std::lock_guard lock(mutex_);
    // Without its name a channel cannot be found, and its id is not given away before it is purged.
    Statement unname(*db_, "UPDATE channel SET name = NULL WHERE name = ?");
    return unname.run("dropping a channel", channel);
}

Result<bool> FoldedStore::purge() {
    const std::lock_guard lock(mutex_);
    const auto id = db_->number("SELECT id FROM channel WHERE name IS NULL LIMIT 1");
    if (!id) return fail(id.error());
    if (*id == 0) return false;
    auto transaction = Transaction::begin(*db_);
    if (!transaction) return fail(transaction.error());
    bool emptied = true;
    for (const char* sql :
         {"DELETE FROM segment WHERE id IN (SELECT id FROM segment WHERE channel = ?1 LIMIT ?2)",
          "DELETE FROM record WHERE channel = ?1 AND name IN "
          "(SELECT name FROM record WHERE channel = ?1 LIMIT ?2)",
          "DELETE FROM stream WHERE channel = ?1 AND name IN "
          "(SELECT name FROM stream WHERE channel = ?1 LIMIT ?2)"}) {
        Statement remove(*db_, sql);
        if (auto done = remove.run("purging a channel", *id, purgedRowsMax); !done) {
            return fail(done.error());
        }
        const auto removed = static_cast<std::uint64_t>(sqlite3_changes64(db_->handle()));
        emptied = emptied && removed < purgedRowsMax;
    }
    if (emptied) {
        for (const char* sql :
             {"DELETE FROM checkpoint WHERE channel = ?", "DELETE FROM channel WHERE id = ?"}) {
            if (auto done = Statement(*db_, sql).run("purging a channel", *id); !done) {
                return fail(done.error());
            }
        }
    }
    if (auto done = transaction->commit(); !done) return fail(done.error());
    return true;
}

void FoldedStore::shortenLog() {
    const std::lock_guard lock(mutex_);
    log_.shorten();
}

Result<void> FoldedStore::check() {
    const std::lock_guard lock(mutex_);
    return checkIntegrity(*db_);
}

}  // namespace syncline::sqlite
