// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "core/task.h"

namespace syncline::channel {

/// A few threads for what may block: loading channels, reading old log, writing checkpoints. Owned
/// by the directory.
class WorkerPool {
public:
    /// No threads: whoever calls runOne() does the work.
    WorkerPool(std::size_t threads, std::size_t tasksMax);
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// False, and the task is dropped, when too many wait. [any thread]
    [[nodiscard]] bool post(core::Task task);

    /// Runs the oldest task here; false when there is none. [any thread]
    bool runOne();

    /// Ends the threads after the tasks they are at; drops the rest. [control]
    void stop();

private:
    void work();

    const std::size_t tasksMax_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<core::Task> tasks_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace syncline::channel
