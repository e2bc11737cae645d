// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace syncline::event_log {

/// Takes lines from any thread without ever waiting, and hands them to a thread of its own, which
/// may wait as long as it has to. What finds no room is dropped and counted. Owned by the stage.
class LineQueue {
public:
    /// Writes lines; answers how many of them were written. [its thread]
    using Write = std::function<std::size_t(const std::deque<std::string>& lines)>;
    /// Hears how many lines were lost since the last time: before what comes next is written, and
    /// at the end. [its thread]
    using Lost = std::function<void(std::uint64_t lines)>;

    LineQueue(std::size_t bytesMax, Write write, Lost lost);
    ~LineQueue() { close(); }
    LineQueue(const LineQueue&) = delete;
    LineQueue& operator=(const LineQueue&) = delete;

    /// False: it was dropped. [any]
    bool push(std::string line);

    /// Writes what is there, and takes nothing from then on.
    void close();

private:
    void run();

    const std::size_t bytesMax_;
    const Write write_;
    const Lost lost_;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::string> lines_;
    std::size_t bytes_ = 0;  ///< of lines_, and of those that are being written
    std::uint64_t dropped_ = 0;
    bool closed_ = false;
    std::thread thread_;
};

}  // namespace syncline::event_log
