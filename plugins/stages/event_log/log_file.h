// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace syncline::event_log {

/// How a file is rotated.
struct Rotation {
    std::uint64_t bytes = 0;     ///< a file does not grow beyond it
    std::uint32_t filesMax = 1;  ///< with the one that is written to: path, path.1, path.2, …
};

/// A file to which lines are appended. Shared by all stages that write to the same path, also those
/// of the next generation while the old one still writes: hence the lock, which only threads that
/// may wait take.
class LogFile {
public:
    /// The one of this path, made if need be, with its folder. `rotation` holds from now on. Throws
    /// std::runtime_error when it cannot be opened.
    static std::shared_ptr<LogFile> open(const std::string& path, const Rotation& rotation);

    explicit LogFile(std::string path) : path_(std::move(path)) {}
    ~LogFile();
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;

    struct Appended {
        std::size_t lines = 0;  ///< how many were written
        std::string problem;    ///< why not all of them; empty: they were
    };
    /// What could not be opened is tried again at each call.
    Appended append(const std::deque<std::string>& lines);

private:
    std::string reopen();
    std::string appendLine(const std::string& line);
    std::string rotate();

    const std::string path_;
    std::mutex mutex_;
    Rotation rotation_;
    int file_ = -1;
    std::uint64_t size_ = 0;
    bool torn_ = false;  ///< the last line is incomplete
};

}  // namespace syncline::event_log
