// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

#include "core/task.h"

namespace syncline::core {

/// The bounded mailbox of a shard: many threads put tasks in, its one owner takes all of them once
/// a tick. Tasks of one poster keep their order.
class Inbox {
public:
    /// `tasksMax` limits what put() accepts; `wake` is called (from the poster's thread) when the
    /// inbox stops being empty, and must not block.
    Inbox(std::size_t tasksMax, Task wake);

    /// False when the limit is reached. [any thread]
    [[nodiscard]] bool put(Task task);

    /// Never refused: for answers to work that was counted when it was asked for. [any thread]
    void putAlways(Task task);

    /// Moves out everything that is there. Cheap when there is nothing. [owner]
    void takeAll(std::vector<Task>& into);

    /// A hint, without a lock. [any thread]
    bool empty() const { return empty_.load(std::memory_order_acquire); }

private:
    void append(std::unique_lock<std::mutex>& lock, Task task);

    const std::size_t tasksMax_;
    Task wake_;
    std::mutex mutex_;
    std::vector<Task> tasks_;
    std::atomic<bool> empty_{true};
};

}  // namespace syncline::core
