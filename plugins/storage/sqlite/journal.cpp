// SPDX-License-Identifier: Apache-2.0
#include "journal.h"

#include <algorithm>

#include "schema.h"

namespace syncline::sqlite {
namespace {

// Removing rows must not make one commit slow when the fold has just taken a long step.
constexpr std::uint64_t removedPerCommitMax = 8;

}  // namespace

Journal::Journal(std::unique_ptr<Connection> db, std::size_t walBytesMax, std::mutex& copying)
    : db_(std::move(db)),
      log_(*db_, walBytesMax, copying),
      begin_(*db_, "BEGIN IMMEDIATE"),
      insert_(*db_, "INSERT INTO commits(id, body) VALUES(?, ?)"),
      remove_(*db_, "DELETE FROM commits WHERE id BETWEEN ? AND ?"),
      commit_(*db_, "COMMIT") {}

Result<std::unique_ptr<Journal>> Journal::open(const std::string& path, const Settings& settings,
                                               std::mutex& copying) {
    auto db = openFile(path, journalFile, settings.durability);
    if (!db) return fail(db.error());
    std::unique_ptr<Journal> journal(new Journal(std::move(*db), settings.walBytesMax, copying));
    const auto range = journal->range();
    if (!range) return fail(range.error());
    journal->firstKept_ = std::max<std::uint64_t>(range->first, 1);
    return journal;
}

Result<std::string> Journal::owner() {
    return db_->ask("SELECT storage FROM owner");
}

Result<void> Journal::setOwner(const std::string& storage) {
    return Statement(*db_, "INSERT OR REPLACE INTO owner(id, storage) VALUES(1, ?)")
        .run("naming the storage", std::string_view(storage));
}

Result<Journal::Range> Journal::range() {
    Statement select(*db_, "SELECT ifnull(min(id), 0), ifnull(max(id), 0) FROM commits");
    Rows rows = select.with();
    Range range;
    if (rows.next()) range = {rows.number(0), rows.number(1)};
    if (auto good = rows.check("reading the journal"); !good) return fail(good.error());
    return range;
}

Result<void> Journal::write(const Row& row, std::uint64_t removeUpto) {
    if (auto done = begin_.run("beginning a commit"); !done) return done;
    if (removeUpto >= firstKept_) {
        auto done = remove_.run("removing folded rows", firstKept_, removeUpto);
        if (!done) return done;
    }
    return insert_.run("appending a commit", row.id, Blob{*row.bytes});
}

Appended Journal::append(const Row& row, std::uint64_t foldedUpto) {
    const std::uint64_t removeUpto = std::min(foldedUpto, firstKept_ + removedPerCommitMax - 1);
    auto written = write(row, removeUpto);
    AppendStatus status = AppendStatus::failed;
    if (written) {
        written = commit_.run("committing");
        if (written) {
            firstKept_ = std::max(firstKept_, removeUpto + 1);
            return {};
        }
        // A write that was cut short left no valid commit frame. Of a failed sync nobody can say
        // what reached the disk.
        const int code = written.error().code;
        if ((code & 0xff) == SQLITE_IOERR && !isDiskFull(code)) status = AppendStatus::unknown;
    }
    if (sqlite3_get_autocommit(db_->handle()) == 0) {
        sqlite3_exec(db_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    return {status, std::move(written.error())};
}

Result<void> Journal::replay(std::uint64_t after, const std::function<Result<void>(Row)>& take) {
    Statement select(*db_, "SELECT id, body FROM commits WHERE id > ? ORDER BY id");
    Rows rows = select.with(after);
    std::uint64_t expected = after + 1;
    while (rows.next()) {
        const std::uint64_t id = rows.number(0);
        if (id != expected) {
            return fail(db_->path() + ": commits " + std::to_string(expected) + " to " +
                        std::to_string(id - 1) +
                        " are missing: a file was changed or put back from another time; restore "
                        "both files of the storage, or a backup");
        }
        auto row = readRow(id, std::string(rows.bytes(1)));
        if (!row) {
            return fail(db_->path() + ": commit " + std::to_string(id) +
                        " is damaged (its checksum does not match): keep a copy of the file and "
                        "restore a backup");
        }
        if (auto taken = take(std::move(*row)); !taken) return taken;
        ++expected;
    }
    return rows.check("reading the journal");
}

Result<void> Journal::forget(std::uint64_t foldedUpto) {
    const auto now = range();
    if (!now) return fail(now.error());
    if (now->last == 0) return {};
    const std::uint64_t through = std::min(foldedUpto, now->last - 1);
    if (through < now->first) return {};
    if (auto done = remove_.run("removing folded rows", now->first, through); !done) return done;
    firstKept_ = through + 1;
    return {};
}

Result<void> Journal::probe() {
    Statement put(*db_, "INSERT OR REPLACE INTO probe(id, body) VALUES(1, randomblob(65536))");
    if (auto done = put.run("trying a write"); !done) return done;
    return db_->execute("DELETE FROM probe");
}

}  // namespace syncline::sqlite
