// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <mutex>
#include <string>

namespace syncline::test {

/// A disk that fails on demand: installs itself under every SQLite file that is opened from then on
/// in this process (SQLite's default VFS). One per test program.
class FaultyDisk {
public:
    static FaultyDisk& install();

    /// Writes to files whose path ends so fail with this result code of SQLite.
    void failWrites(const std::string& ending, int code);
    /// The next so many syncs of such files fail.
    void failSyncs(const std::string& ending, int code, int times);
    void heal();

    // Asked by the files.
    int writeResult(const std::string& path) const;
    int syncResult(const std::string& path);

private:
    FaultyDisk() = default;

    mutable std::mutex mutex_;
    std::string writeEnding_;
    int writeCode_ = 0;
    std::string syncEnding_;
    int syncCode_ = 0;
    int syncsLeft_ = 0;
};

}  // namespace syncline::test
