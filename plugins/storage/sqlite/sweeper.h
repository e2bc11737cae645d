// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "connection.h"
#include "settings.h"

namespace syncline::sqlite {

/// Copies the write-ahead logs of both files back while others go on writing to them, on
/// connections of its own. Used by the folder's thread.
class Sweeper {
public:
    /// What holds a file's log while it is copied: see WriteAheadLog. Borrowed.
    struct Turns {
        std::mutex& journal;
        std::mutex& folded;
    };

    static Result<std::unique_ptr<Sweeper>> open(const Settings& settings,
                                                 const std::string& journalPath, Turns turns);

    /// Does something once a log has reached a quarter of its limit, or 1 MiB: commits wait for the
    /// disk while it takes what is copied, so that should not be much at a time. A failure is for
    /// the next writer to find: nothing is lost by a log that was not copied back.
    void sweep(std::size_t journalLogBytes, std::size_t foldedLogBytes);

private:
    Sweeper(std::unique_ptr<Connection> journal, std::unique_ptr<Connection> folded, Turns turns,
            std::size_t beginBytes)
        : journal_(std::move(journal)),
          folded_(std::move(folded)),
          turns_(turns),
          beginBytes_(beginBytes) {}

    std::unique_ptr<Connection> journal_;
    std::unique_ptr<Connection> folded_;
    Turns turns_;
    const std::size_t beginBytes_;
};

}  // namespace syncline::sqlite
