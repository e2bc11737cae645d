// SPDX-License-Identifier: Apache-2.0
#include "schema.h"

#include <array>
#include <filesystem>
#include <fstream>

namespace syncline::sqlite {
namespace {

// The sums beside the values guard what SQLite has no sums for: a block that the disk gives back
// changed. README.md describes the tables.
constexpr std::array foldedSteps = {R"sql(
CREATE TABLE state(
    id INTEGER PRIMARY KEY CHECK (id = 1),
    storage TEXT NOT NULL, folded_upto INTEGER NOT NULL, ending INTEGER NOT NULL,
    sum INTEGER NOT NULL);
CREATE TABLE channel(
    id INTEGER PRIMARY KEY, name TEXT UNIQUE,
    epoch TEXT NOT NULL, last_index INTEGER NOT NULL, last_seq INTEGER NOT NULL,
    sum INTEGER NOT NULL);
CREATE TABLE checkpoint(
    channel INTEGER PRIMARY KEY,
    epoch TEXT NOT NULL, last_index INTEGER NOT NULL, last_seq INTEGER NOT NULL,
    head BLOB NOT NULL, sum INTEGER NOT NULL);
CREATE TABLE record(
    channel INTEGER NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL, sum INTEGER NOT NULL,
    PRIMARY KEY (channel, name)) WITHOUT ROWID;
CREATE TABLE stream(
    channel INTEGER NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL, sum INTEGER NOT NULL,
    PRIMARY KEY (channel, name)) WITHOUT ROWID;
CREATE TABLE segment(
    id INTEGER PRIMARY KEY, channel INTEGER NOT NULL,
    first_index INTEGER NOT NULL, last_index INTEGER NOT NULL,
    first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
    sum INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX segment_by_index ON segment(channel, last_index);
CREATE INDEX segment_by_seq ON segment(channel, last_seq, first_seq, first_index, last_index);
)sql",
                                    R"sql(
CREATE TABLE upgrade(version INTEGER PRIMARY KEY, at INTEGER NOT NULL);
INSERT INTO upgrade VALUES(2, unixepoch());
)sql"};

constexpr std::array journalSteps = {R"sql(
CREATE TABLE owner(id INTEGER PRIMARY KEY CHECK (id = 1), storage TEXT NOT NULL);
CREATE TABLE commits(id INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE probe(id INTEGER PRIMARY KEY CHECK (id = 1), body BLOB NOT NULL);
)sql"};

const char* synchronous(Durability durability, const FileKind& kind) {
    if (durability == Durability::none) return "OFF";
    // Rows leave the journal once they are folded, so the fold must never be the weaker one.
    const bool weaker = durability == Durability::relaxed && &kind == &journalFile;
    return weaker ? "NORMAL" : "FULL";
}

Result<void> checkOwner(Connection& db, const FileKind& kind, std::int64_t version) {
    const auto application = db.number("PRAGMA application_id");
    if (!application) return fail(application.error());
    const auto tables = db.number("SELECT count(*) FROM sqlite_schema");
    if (!tables) return fail(tables.error());
    if (*tables == 0 && version == 0) return {};
    if (*application != kind.applicationId) {
        return fail(db.path() + ": is a SQLite database, but not " + kind.title +
                    " of Syncline: choose another `path`");
    }
    if (version > kind.version()) {
        return fail(db.path() + ": has version " + std::to_string(version) +
                    ", this server knows versions up to " + std::to_string(kind.version()) +
                    ": run the newer server that wrote it, or restore a backup of its time");
    }
    return {};
}

Result<void> migrate(Connection& db, const FileKind& kind, std::int64_t version) {
    if (version == kind.version()) return {};
    auto transaction = Transaction::begin(db);
    if (!transaction) return fail(transaction.error());
    for (auto step = static_cast<std::size_t>(version); step < kind.steps.size(); ++step) {
        if (auto done = db.execute(kind.steps[step]); !done) return done;
    }
    const std::string marks = "PRAGMA application_id=" + std::to_string(kind.applicationId) +
                              "; PRAGMA user_version=" + std::to_string(kind.version());
    if (auto done = db.execute(marks); !done) return done;
    return transaction->commit();
}

Result<void> tune(Connection& db, const FileKind& kind, Durability durability) {
    // Of a new file; one that was made with others keeps them.
    if (auto done = db.execute("PRAGMA page_size=" + std::to_string(kind.pageBytes)); !done)
        return done;
    const auto mode = db.ask("PRAGMA journal_mode=WAL");
    if (!mode) return fail(mode.error());
    if (*mode != "wal") {
        return fail(db.path() +
                    ": its file system has no shared memory for SQLite's write-ahead "
                    "log: put it on a local disk");
    }
    // Writing back happens off the commit path, when this plugin says so.
    return db.execute(std::string("PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=") +
                      synchronous(durability, kind) + "; PRAGMA cache_size=-" +
                      std::to_string(kind.cacheKiB));
}

}  // namespace

// What is folded comes in long runs of new bytes, each page of which is written twice: larger ones
// are fewer. A commit may be of one op, and is a page at least.
const FileKind foldedFile{"a storage", 0x53594e46, foldedSteps, 64'000, 16'384};
const FileKind journalFile{"a journal", 0x53594e4a, journalSteps, 64'000, 4'096};

Result<void> checkHeader(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::array<char, 16> header{};
    file.read(header.data(), header.size());
    const std::string_view found(header.data(), static_cast<std::size_t>(file.gcount()));
    constexpr std::string_view magic("SQLite format 3\0", 16);
    if (found.empty() || found == magic) return {};
    // The power went while the file was made: SQLite takes back what it had begun.
    std::error_code problem;
    if (std::filesystem::file_size(path + "-journal", problem) > 0 && !problem) return {};
    return fail(path +
                ": is not a SQLite database: choose another `path`, or move that file away if it "
                "was one (then restore a backup)");
}

Result<std::int64_t> versionOf(const std::string& path, const FileKind& kind) {
    std::error_code problem;
    if (const auto size = std::filesystem::file_size(path, problem); problem || size == 0) return 0;
    auto db = Connection::open(path, Connection::Access::existing);
    if (!db) return fail(db.error());
    // Whatever else is in its log stays there: a file that is refused is left as it is.
    sqlite3_db_config((*db)->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    const auto version = (*db)->number("PRAGMA user_version");
    if (!version) return version;
    if (auto good = checkOwner(**db, kind, *version); !good) return fail(good.error());
    return version;
}

Result<std::unique_ptr<Connection>> openFile(const std::string& path, const FileKind& kind,
                                             Durability durability) {
    auto db = Connection::open(path, Connection::Access::create);
    if (!db) return db;
    const auto version = (*db)->number("PRAGMA user_version");
    if (!version) return fail(version.error());
    if (auto good = checkOwner(**db, kind, *version); !good) return fail(good.error());
    if (auto good = tune(**db, kind, durability); !good) return fail(good.error());
    if (auto good = migrate(**db, kind, *version); !good) return fail(good.error());
    return db;
}

// Not quick_check, which leaves the indexes out: an entry that is missing there hides a segment.
// The difference is small, since records and streams have no index beside their table: of 130 MB in
// memory, 0.15 s instead of 0.12 s, and 0.4 s instead of 0.2 s where segments are as short as they
// come. From a disk, reading the pages takes longer than either.
Result<void> checkIntegrity(Connection& db) {
    const auto finding = db.ask("PRAGMA integrity_check(1)");
    if (!finding) return fail(finding.error());
    if (*finding == "ok") return {};
    return fail(describe(SQLITE_CORRUPT, db.path(), "integrity_check", finding->substr(0, 120)));
}

}  // namespace syncline::sqlite
