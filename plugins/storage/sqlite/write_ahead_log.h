// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>

#include "connection.h"

namespace syncline::sqlite {

/// Watches the write-ahead log of a connection that writes. Another connection copies it back in
/// the background (see Sweeper), but under constant load never up to its end, so that SQLite would
/// not start it anew and the file would grow: the last, short step is the writer's.
class WriteAheadLog {
public:
    /// `copying` is held by whoever copies this log back: SQLite would turn a second one away.
    WriteAheadLog(Connection& db, std::size_t bytesMax, std::mutex& copying)
        : db_(db),
          pageBytes_(static_cast<std::size_t>(db.number("PRAGMA page_size").value_or(4'096))),
          bytesMax_(bytesMax),
          copying_(copying) {
        sqlite3_wal_hook(db_.handle(), &onCommit, this);
    }
    WriteAheadLog(const WriteAheadLog&) = delete;
    WriteAheadLog& operator=(const WriteAheadLog&) = delete;

    /// The size after the last commit. [any thread]
    std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

    /// When the log is beyond its limit, copies back what is missing, so that the next commit
    /// starts it anew. Waits for the background only when the log has reached twice its limit.
    /// [writer]
    void shorten() {
        if (bytes() < bytesMax_) return;
        std::unique_lock turn(copying_, std::defer_lock);
        if (bytes() >= 2 * bytesMax_) {
            turn.lock();
        } else if (!turn.try_lock()) {
            return;
        }
        // A reader that still needs the log's end may keep it: then the next commit tries again.
        sqlite3_busy_timeout(db_.handle(), 0);
        const auto done = db_.checkpoint(SQLITE_CHECKPOINT_RESTART);
        sqlite3_busy_timeout(db_.handle(), Connection::busyTimeoutMs);
        if (done && *done) bytes_.store(0, std::memory_order_relaxed);
    }

private:
    static int onCommit(void* self, sqlite3*, const char*, int pages) {
        auto& log = *static_cast<WriteAheadLog*>(self);
        log.bytes_.store(static_cast<std::size_t>(pages) * log.pageBytes_,
                         std::memory_order_relaxed);
        return SQLITE_OK;
    }

    Connection& db_;
    const std::size_t pageBytes_;
    const std::size_t bytesMax_;
    std::mutex& copying_;
    std::atomic<std::size_t> bytes_{0};
};

}  // namespace syncline::sqlite
