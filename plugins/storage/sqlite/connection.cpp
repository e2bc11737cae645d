// SPDX-License-Identifier: Apache-2.0
#include "connection.h"

namespace syncline::sqlite {

bool isDiskFull(int code) {
    return (code & 0xff) == SQLITE_FULL || code == SQLITE_IOERR_WRITE ||
           code == SQLITE_IOERR_SHMSIZE;
}

bool isDamage(int code) {
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB ||
           code == SQLITE_IOERR_SHORT_READ;
}

namespace {

/// What an operator can do about a result code.
std::string advice(int code) {
    if (isDiskFull(code)) {
        return "the disk takes no more: free some space, and it goes on by itself";
    }
    if (isDamage(code)) {
        return "the file is damaged: stop the server, keep a copy of the file and restore a backup";
    }
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return "another process holds a lock on it: close that process";
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
        case SQLITE_CANTOPEN:
            return "it cannot be opened for writing: check the permissions of the file and its "
                   "folder";
        case SQLITE_IOERR:
            return "the disk reports an error: check it and the system's log";
        case SQLITE_NOMEM:
            return "out of memory";
        default:
            return {};
    }
}

}  // namespace

Failure describe(int code, const std::string& path, std::string_view doing,
                 std::string_view detail) {
    std::string reason = path + ": " + std::string(doing) + " failed";
    if (const std::string what = advice(code); !what.empty()) reason += ": " + what;
    reason += " (SQLite " + std::to_string(code) + ": ";
    reason += detail.empty() ? std::string_view(sqlite3_errstr(code)) : detail;
    reason += ")";
    const bool retry = isDiskFull(code) || (code & 0xff) == SQLITE_BUSY ||
                       (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_NOMEM;
    return Failure{std::move(reason), retry, code};
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Access access) {
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= access == Access::readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (access == Access::create) flags |= SQLITE_OPEN_CREATE;
    sqlite3* db = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
    std::unique_ptr<Connection> connection(new Connection(path, db));
    if (code != SQLITE_OK) {
        return fail(describe(code, path, "opening", db == nullptr ? "" : sqlite3_errmsg(db)));
    }
    // The lock file keeps other servers away; what may hold a lock for a moment is a backup tool.
    sqlite3_busy_timeout(db, busyTimeoutMs);
    // Debian's SQLite overwrites what is deleted with zeros, which doubles the writes.
    if (auto off = connection->ask("PRAGMA secure_delete=OFF"); !off) return fail(off.error());
    return connection;
}

Connection::~Connection() {
    sqlite3_close_v2(db_);
}

Result<void> Connection::execute(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
    return fail(failure("\"" + sql.substr(0, 60) + "\""));
}

Result<std::string> Connection::ask(const std::string& sql) {
    Statement statement(*this, sql.c_str());
    Rows rows = statement.with();
    std::string answer;
    if (rows.next()) answer = rows.bytes(0);
    if (auto good = rows.check("\"" + sql.substr(0, 60) + "\""); !good) return fail(good.error());
    return answer;
}

Result<std::int64_t> Connection::number(const std::string& sql) {
    Statement statement(*this, sql.c_str());
    Rows rows = statement.with();
    std::int64_t answer = 0;
    if (rows.next()) answer = static_cast<std::int64_t>(rows.number(0));
    if (auto good = rows.check("\"" + sql.substr(0, 60) + "\""); !good) return fail(good.error());
    return answer;
}

Failure Connection::failure(std::string_view doing) const {
    return describe(sqlite3_extended_errcode(db_), path_, doing, sqlite3_errmsg(db_));
}

Result<bool> Connection::checkpoint(int mode) {
    int frames = 0;
    int copied = 0;
    const int code = sqlite3_wal_checkpoint_v2(db_, nullptr, mode, &frames, &copied);
    if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) return false;
    if (code != SQLITE_OK) return fail(failure("writing the log back"));
    return frames == copied;
}

bool Statement::prepare() {
    if (statement_ != nullptr) return true;
    return sqlite3_prepare_v3(db_.handle(), sql_, -1, SQLITE_PREPARE_PERSISTENT, &statement_,
                              nullptr) == SQLITE_OK;
}

// A null pointer would bind NULL, so an empty view gets an address of its own.
void Statement::bind(int at, std::string_view text) {
    sqlite3_bind_text64(statement_, at, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC,
                        SQLITE_UTF8);
}

void Statement::bind(int at, Blob blob) {
    sqlite3_bind_blob64(statement_, at, blob.bytes.empty() ? "" : blob.bytes.data(),
                        blob.bytes.size(), SQLITE_STATIC);
}

Rows::~Rows() {
    if (statement_.statement_ != nullptr) sqlite3_reset(statement_.statement_);
}

bool Rows::next() {
    if (!ready_) return false;
    code_ = sqlite3_step(statement_.statement_);
    return code_ == SQLITE_ROW;
}

Result<void> Rows::check(std::string_view doing) const {
    if (ready_ && (code_ == SQLITE_DONE || code_ == SQLITE_ROW)) return {};
    return fail(statement_.db_.failure(doing));
}

std::uint64_t Rows::number(int column) const {
    return static_cast<std::uint64_t>(sqlite3_column_int64(statement_.statement_, column));
}

std::string_view Rows::bytes(int column) const {
    const void* data = sqlite3_column_blob(statement_.statement_, column);
    const int size = sqlite3_column_bytes(statement_.statement_, column);
    if (data == nullptr) return {};
    return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

bool Rows::isNull(int column) const {
    return sqlite3_column_type(statement_.statement_, column) == SQLITE_NULL;
}

Result<Transaction> Transaction::begin(Connection& db) {
    if (auto begun = db.execute("BEGIN IMMEDIATE"); !begun) return fail(begun.error());
    return Transaction(db);
}

Transaction::~Transaction() {
    // A failed COMMIT may have rolled back already; then there is nothing to do.
    if (db_ != nullptr && sqlite3_get_autocommit(db_->handle()) == 0) {
        sqlite3_exec(db_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

Result<void> Transaction::commit() {
    if (auto done = db_->execute("COMMIT"); !done) return done;
    db_ = nullptr;
    return {};
}

}  // namespace syncline::sqlite
