// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "result.h"

namespace syncline::sqlite {

/// Marks bytes that are bound as a BLOB; a plain string_view is bound as TEXT.
struct Blob {
    std::string_view bytes;
};

/// One open SQLite file. Used by one thread at a time; whoever shares one brings the lock.
class Connection {
public:
    enum class Access { create, existing, readOnly };
    static constexpr int busyTimeoutMs = 2'000;

    static Result<std::unique_ptr<Connection>> open(const std::string& path, Access access);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    const std::string& path() const { return path_; }
    sqlite3* handle() const { return db_; }

    /// Runs statements that answer no rows.
    Result<void> execute(const std::string& sql);

    /// The first column of the first row; empty when there is none.
    Result<std::string> ask(const std::string& sql);
    Result<std::int64_t> number(const std::string& sql);

    /// What the last call on this connection failed of, in words for an operator.
    Failure failure(std::string_view doing) const;

    /// Copies frames of the write-ahead log into the file. `mode` is one of SQLite's
    /// SQLITE_CHECKPOINT_*. False when somebody was in the way, which is no failure.
    Result<bool> checkpoint(int mode);

private:
    Connection(std::string path, sqlite3* db) : path_(std::move(path)), db_(db) {}

    std::string path_;
    sqlite3* db_;
};

/// The words for an extended result code of SQLite on that file.
Failure describe(int code, const std::string& path, std::string_view doing,
                 std::string_view detail = {});

/// The disk refused to take more, which may end by itself.
bool isDiskFull(int code);

/// The file's contents cannot be what SQLite once wrote.
bool isDamage(int code);

class Rows;

/// A statement, prepared when first used and kept. Owned beside the connection it borrows.
class Statement {
public:
    Statement(Connection& db, const char* sql) : db_(db), sql_(sql) {}
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// Binds the arguments; the rows come from what is returned. What is bound must outlive it.
    template <class... Arguments>
    Rows with(const Arguments&... arguments);

    /// For statements that answer no rows.
    template <class... Arguments>
    Result<void> run(std::string_view doing, const Arguments&... arguments);

private:
    friend class Rows;
    bool prepare();
    void bind(int at, std::string_view text);
    void bind(int at, Blob blob);
    void bind(int at, std::uint64_t number) { bind(at, static_cast<std::int64_t>(number)); }
    void bind(int at, std::int64_t number) { sqlite3_bind_int64(statement_, at, number); }

    Connection& db_;
    const char* sql_;
    sqlite3_stmt* statement_ = nullptr;
};

/// The rows of one execution. Ends it when it goes out of scope.
class Rows {
public:
    Rows(Statement& statement, bool ready) : statement_(statement), ready_(ready) {}
    ~Rows();
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;

    /// False at the end and on failure: check() tells which.
    bool next();
    Result<void> check(std::string_view doing) const;

    std::uint64_t number(int column) const;
    std::string_view bytes(int column) const;  ///< until the next call of next()
    bool isNull(int column) const;

private:
    Statement& statement_;
    bool ready_;
    int code_ = SQLITE_OK;
};

template <class... Arguments>
Rows Statement::with(const Arguments&... arguments) {
    const bool ready = prepare();
    if (ready) {
        int at = 0;
        (bind(++at, arguments), ...);
    }
    return Rows(*this, ready);
}

template <class... Arguments>
Result<void> Statement::run(std::string_view doing, const Arguments&... arguments) {
    Rows rows = with(arguments...);
    while (rows.next()) {
    }
    return rows.check(doing);
}

/// BEGIN IMMEDIATE, and ROLLBACK unless committed.
class Transaction {
public:
    static Result<Transaction> begin(Connection& db);
    ~Transaction();
    Transaction(Transaction&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
    Transaction& operator=(Transaction&&) = delete;

    Result<void> commit();

private:
    explicit Transaction(Connection& db) : db_(&db) {}
    Connection* db_;
};

}  // namespace syncline::sqlite
