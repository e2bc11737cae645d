// SPDX-License-Identifier: Apache-2.0
#include "folded_reader.h"

#include <algorithm>
#include <unordered_set>

#include "schema.h"
#include "sums.h"

namespace syncline::sqlite {
namespace {

/// One snapshot for all that is read while it lives.
class Snapshot {
public:
    Snapshot(Statement& begin, Statement& end) : end_(end), begun_(begin.run("beginning")) {}
    ~Snapshot() {
        if (begun_) static_cast<void>(end_.run("ending a read"));
    }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    const Result<void>& begun() const { return begun_; }

private:
    Statement& end_;
    Result<void> begun_;
};

}  // namespace

/// Hands entries to the host and sees to it that their indexes have no gap.
class FoldedReader::Pour {
public:
    Pour(const Reader& reader, std::uint64_t nextIndex) : reader_(reader), next_(nextIndex) {}

    /// Only entries with a seq in this range.
    void onlySeqs(std::uint64_t first, std::uint64_t last) {
        firstSeq_ = first;
        lastSeq_ = last;
    }

    enum class Step { goOn, enough, gap, damage };
    Step block(std::string_view bytes, std::uint64_t firstIndex) {
        if (firstIndex > next_) return Step::gap;
        EntryCursor cursor(bytes, firstIndex);
        while (const auto entry = cursor.next()) {
            if (entry->index < next_) continue;
            next_ = entry->index + 1;
            const bool wanted = entry->seq >= firstSeq_ && entry->seq <= lastSeq_;
            if (wanted && !reader_.entry(*entry)) return Step::enough;
        }
        return cursor.damaged() ? Step::damage : Step::goOn;
    }

    std::uint64_t next() const { return next_; }
    void startAt(std::uint64_t index) { next_ = index; }
    bool hasEnough() const { return enough_; }
    void stop() { enough_ = true; }

private:
    const Reader& reader_;
    std::uint64_t next_;
    bool enough_ = false;
    std::uint64_t firstSeq_ = 0;
    std::uint64_t lastSeq_ = UINT64_MAX;
};

FoldedReader::FoldedReader(std::unique_ptr<Connection> db)
    : db_(std::move(db)),
      begin_(*db_, "BEGIN"),
      end_(*db_, "COMMIT"),
      selectChannel_(*db_,
                     "SELECT id, epoch, last_index, last_seq, sum FROM channel WHERE name = ?"),
      selectCheckpoint_(*db_,
                        "SELECT epoch, last_index, last_seq, head, sum FROM checkpoint "
                        "WHERE channel = ?"),
      selectRecords_(*db_, "SELECT name, body, sum FROM record WHERE channel = ?"),
      selectStreams_(*db_, "SELECT name, body, sum FROM stream WHERE channel = ?"),
      selectSegments_(*db_,
                      "SELECT first_index, last_index, first_seq, last_seq, sum, body "
                      "FROM segment WHERE channel = ? AND last_index >= ? AND first_index <= ? "
                      "ORDER BY last_index"),
      selectRange_(*db_,
                   "SELECT ifnull(min(first_index), 0), ifnull(max(last_index), 0) FROM segment "
                   "WHERE channel = ? AND last_seq >= ? AND first_seq <= ?"),
      selectNames_(*db_, "SELECT name FROM channel WHERE name IS NOT NULL") {}

Result<std::unique_ptr<FoldedReader>> FoldedReader::open(const Settings& settings) {
    auto db = Connection::open(settings.path, Connection::Access::readOnly);
    if (!db) return fail(db.error());
    return std::unique_ptr<FoldedReader>(new FoldedReader(std::move(*db)));
}

Failure FoldedReader::damaged(std::string_view channel, const std::string& what) const {
    return describe(SQLITE_CORRUPT, db_->path(), "reading channel '" + std::string(channel) + "'",
                    what);
}

Result<FoldedReader::Channel> FoldedReader::find(std::string_view name) {
    Channel channel;
    Rows rows = selectChannel_.with(name);
    if (rows.next()) {
        channel = {rows.number(0), rows.number(2)};
        if (rows.number(4) != channelSum(name, rows.bytes(1), rows.number(2), rows.number(3))) {
            return fail(damaged(name, "the checksum of its row does not match"));
        }
    }
    if (auto good = rows.check("reading a channel"); !good) return fail(good.error());
    return channel;
}

Result<std::uint64_t> FoldedReader::lastIndex(std::string_view channel) {
    const auto found = find(channel);
    if (!found) return fail(found.error());
    return found->lastIndex;
}

Result<bool> FoldedReader::pourCheckpoint(std::string_view name, std::uint64_t id,
                                          std::uint64_t& index, const Reader& reader) {
    Rows rows = selectCheckpoint_.with(id);
    if (rows.next()) {
        const std::string_view epoch = rows.bytes(0);
        const std::string_view head = rows.bytes(3);
        index = rows.number(1);
        const std::uint64_t seq = rows.number(2);
        if (rows.number(4) != checkpointSum(id, epoch, index, seq, head)) {
            return fail(damaged(name, "the checksum of its checkpoint does not match"));
        }
        if (!reader.checkpoint({name, epoch, index, seq, head})) return false;
    }
    if (auto good = rows.check("reading a checkpoint"); !good) return fail(good.error());
    return true;
}

Result<bool> FoldedReader::pourItems(Statement& select, std::uint64_t id,
                                     bool (Reader::*take)(const StoredItem&) const,
                                     const Reader& reader) {
    Rows rows = select.with(id);
    while (rows.next()) {
        const StoredItem item{rows.bytes(0), rows.bytes(1)};
        if (rows.number(2) != itemSum(id, item.name, item.body)) {
            return fail(damaged(std::to_string(id), "the checksum of an item does not match"));
        }
        if (!(reader.*take)(item)) return false;
    }
    if (auto good = rows.check("reading a checkpoint"); !good) return fail(good.error());
    return true;
}

Result<void> FoldedReader::pourSegments(std::string_view name, std::uint64_t id,
                                        std::uint64_t firstIndex, std::uint64_t lastIndex,
                                        Pour& pour) {
    Rows rows = selectSegments_.with(id, firstIndex, lastIndex);
    while (rows.next()) {
        const SegmentBounds bounds{rows.number(0), rows.number(1), rows.number(2), rows.number(3)};
        const std::string_view body = rows.bytes(5);
        if (rows.number(4) != segmentSum(id, bounds, body)) {
            return fail(damaged(name, "the checksum of a log segment does not match"));
        }
        const Pour::Step step = pour.block(body, bounds.firstIndex);
        if (step == Pour::Step::enough) {
            pour.stop();
            return {};
        }
        if (step == Pour::Step::gap) {
            return fail(damaged(
                name, "its log has a gap before index " + std::to_string(bounds.firstIndex)));
        }
        if (step == Pour::Step::damage) return fail(damaged(name, "a log segment is cut short"));
    }
    return rows.check("reading a log");
}

/// What is not folded yet, in memory.
Result<void> FoldedReader::pourTail(std::string_view name, const std::vector<TailBlock>& tail,
                                    Pour& pour) {
    for (const TailBlock& each : tail) {
        const Pour::Step step = pour.block(each.entries(), each.block->firstIndex);
        if (step == Pour::Step::enough) return {};
        if (step == Pour::Step::goOn) continue;
        return fail("channel '" + std::string(name) + "': its log ends at index " +
                    std::to_string(pour.next() - 1) + " and its journal goes on at " +
                    std::to_string(each.block->firstIndex) +
                    ": a file was changed; restore both files of the storage, or a backup");
    }
    return {};
}

Result<void> FoldedReader::load(std::string_view name, const std::vector<TailBlock>& tail,
                                const Reader& reader) {
    const Snapshot snapshot(begin_, end_);
    if (!snapshot.begun()) return snapshot.begun();
    const auto channel = find(name);
    if (!channel) return fail(channel.error());
    std::uint64_t index = 0;
    Pour pour(reader, 1);
    if (channel->id != 0) {
        auto more = pourCheckpoint(name, channel->id, index, reader);
        if (more && *more) {
            more = pourItems(selectRecords_, channel->id, &Reader::record, reader);
        }
        if (more && *more) {
            more = pourItems(selectStreams_, channel->id, &Reader::stream, reader);
        }
        if (!more) return fail(more.error());
        if (!*more) return {};
        pour.startAt(index + 1);
        auto done = pourSegments(name, channel->id, index + 1, INT64_MAX, pour);
        if (!done || pour.hasEnough()) return done;
        if (pour.next() <= channel->lastIndex) {
            return fail(
                damaged(name, "its log ends before index " + std::to_string(channel->lastIndex)));
        }
    }
    return pourTail(name, tail, pour);
}

Result<FoldedReader::Range> FoldedReader::rangeOf(std::uint64_t id, std::uint64_t firstSeq,
                                                  std::uint64_t lastSeq) {
    Range range;
    Rows rows = selectRange_.with(id, firstSeq, lastSeq);
    if (rows.next()) range = {rows.number(0), rows.number(1)};
    if (auto good = rows.check("reading a log"); !good) return fail(good.error());
    return range;
}

Result<void> FoldedReader::readLog(std::string_view name, std::uint64_t firstSeq,
                                   std::uint64_t lastSeq, const std::vector<TailBlock>& tail,
                                   const Reader& reader) {
    // 0 is no seq, and beyond what a column holds there is none.
    firstSeq = std::max<std::uint64_t>(firstSeq, 1);
    lastSeq = std::min<std::uint64_t>(lastSeq, INT64_MAX);
    if (firstSeq > lastSeq) return {};
    const Snapshot snapshot(begin_, end_);
    if (!snapshot.begun()) return snapshot.begun();
    const auto channel = find(name);
    if (!channel) return fail(channel.error());
    const auto range = rangeOf(channel->id, firstSeq, lastSeq);
    if (!range) return fail(range.error());
    Pour pour(reader, range->first);
    pour.onlySeqs(firstSeq, lastSeq);
    if (range->last != 0) {
        auto done = pourSegments(name, channel->id, range->first, range->last, pour);
        if (!done || pour.hasEnough()) return done;
        if (pour.next() <= range->last) {
            return fail(damaged(name, "its log ends before index " + std::to_string(range->last)));
        }
    }
    pour.startAt(channel->lastIndex + 1);
    return pourTail(name, tail, pour);
}

Result<void> FoldedReader::list(const std::vector<std::string>& unfolded, const Reader& reader) {
    std::unordered_set<std::string_view> rest(unfolded.begin(), unfolded.end());
    Rows rows = selectNames_.with();
    while (rows.next()) {
        const std::string_view name = rows.bytes(0);
        rest.erase(name);
        if (!reader.channel(name)) return {};
    }
    if (auto good = rows.check("reading the names"); !good) return good;
    for (const std::string_view name : rest) {
        if (!reader.channel(name)) return {};
    }
    return {};
}

}  // namespace syncline::sqlite
