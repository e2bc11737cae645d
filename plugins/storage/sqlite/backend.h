// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <syncline/plugin/storage_backend.hpp>

#include "folded_readers.h"
#include "folded_store.h"
#include "folder.h"
#include "health.h"
#include "journal.h"
#include "lock_file.h"
#include "settings.h"
#include "sweeper.h"
#include "unfolded.h"

namespace syncline::sqlite {

/// A storage in two SQLite files. A commit appends one row to the journal; in the background the
/// folder makes per-channel log segments of the rows; what is not folded is also in memory,
/// bounded.
///
///     commit -> journal row + Unfolded          load, readLog <- folded file + Unfolded
///                     |                                              ^
///                  Folder  -> segments, `folded_upto` in one transaction
///
/// commit() comes from one thread, the other functions from any.
class Backend {
public:
    using LogLine = std::function<void(const std::string& line)>;

    Backend(Settings settings, Health::Report report, LogLine log);
    ~Backend();
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;

    /// Opens, checks and replays. After a failure only the destructor may be called.
    Result<void> start();

    /// Folds what is left, marks the files as cleanly closed and refuses everything from now on.
    void drain();

    Appended commit(Appends appends);
    Result<void> load(std::string_view channel, const Reader& reader);
    Result<void> readLog(std::string_view channel, std::uint64_t firstSeq, std::uint64_t lastSeq,
                         const Reader& reader);
    Result<void> checkpoint(const Checkpoint& checkpoint);
    Result<void> trim(std::string_view channel, std::uint64_t belowIndex);
    Result<void> list(const Reader& reader);
    Result<void> drop(std::string_view channel);
    Result<void> backup(const std::string& path);
    bool wasClean() const { return wasClean_; }

    /// Waits until everything that is committed now is folded.
    Result<void> foldNow();

    /// What is in memory and in the journal alone.
    Unfolded::Size unfolded() const { return unfolded_.size(); }

private:
    Result<void> openFiles();
    Result<void> joinFiles();
    Result<void> checkFiles(Ending lastEnding);
    Result<void> replay();
    Result<void> replayRow(Row row);
    Result<void> joinCheckpoints();
    Result<void> startThreads();
    Result<void> serving();
    Result<std::uint64_t> lastIndex(std::string_view channel);
    Result<RowWriter> gather(Appends appends, std::vector<bool>& accepted);
    Appended append(RowWriter writer);
    Result<void> resync();
    void upkeep();
    Result<void> seen(Result<void> outcome);

    Settings settings_;
    Health health_;
    const LogLine log_;
    std::optional<LockFile> lock_;
    std::string journalPath_;
    bool wasClean_ = true;
    StoredState state_;

    /// Held while a write-ahead log is copied back.
    std::mutex journalCopying_;
    std::mutex foldedCopying_;

    /// Guards the journal and the order of its rows.
    std::mutex writer_;
    std::unique_ptr<Journal> journal_;
    std::atomic<bool> draining_{false};
    std::atomic<bool> stale_{false};  ///< what a failed COMMIT left behind has to be read first

    Unfolded unfolded_;
    std::unique_ptr<FoldedStore> store_;
    std::unique_ptr<FoldedReaders> readers_;
    std::mutex headsMutex_;
    std::unique_ptr<FoldedReader> heads_;  ///< so that a commit never waits for long loads
    std::unique_ptr<Sweeper> sweeper_;
    std::unique_ptr<Folder> folder_;  ///< last: its thread uses all of the above
};

}  // namespace syncline::sqlite
