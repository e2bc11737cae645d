// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "connection.h"
#include "row_codec.h"
#include "settings.h"
#include "write_ahead_log.h"

namespace syncline::sqlite {

enum class AppendStatus { done, failed, unknown };

struct Appended {
    AppendStatus status = AppendStatus::done;
    Failure failure;  ///< unless done
};

/// The file that commits are appended to, a row each. Rows leave it some time after they were
/// folded; the newest always stays, as a witness of how far the numbers went. Owned by the backend,
/// which serialises the calls.
class Journal {
public:
    /// `copying`: see WriteAheadLog.
    static Result<std::unique_ptr<Journal>> open(const std::string& path, const Settings& settings,
                                                 std::mutex& copying);

    /// The storage this file belongs to; empty when the file is new.
    Result<std::string> owner();
    Result<void> setOwner(const std::string& storage);

    /// The ids of the rows that are there; 0 and 0 when there is none.
    struct Range {
        std::uint64_t first = 0;
        std::uint64_t last = 0;
    };
    Result<Range> range();

    /// One durable transaction: adds the row, and removes some of those up to `foldedUpto`.
    Appended append(const Row& row, std::uint64_t foldedUpto);

    /// Gives the rows behind `after` in order; a missing or damaged one is a failure that says so.
    Result<void> replay(std::uint64_t after, const std::function<Result<void>(Row)>& take);

    /// Removes the rows up to `foldedUpto`, except for the newest.
    Result<void> forget(std::uint64_t foldedUpto);

    /// Whether the disk takes a transaction of some size.
    Result<void> probe();

    WriteAheadLog& log() { return log_; }
    Connection& connection() { return *db_; }

private:
    Journal(std::unique_ptr<Connection> db, std::size_t walBytesMax, std::mutex& copying);
    Result<void> write(const Row& row, std::uint64_t removeUpto);

    std::unique_ptr<Connection> db_;
    WriteAheadLog log_;
    std::uint64_t firstKept_ = 1;
    Statement begin_;
    Statement insert_;
    Statement remove_;
    Statement commit_;
};

}  // namespace syncline::sqlite
