// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "core/task.h"

namespace syncline::core {

/// Threads for work that may wait, so that no shard does: reading storage, plugins that block.
/// Threads start as they are needed and stay. [any thread]
class WorkerPool {
public:
    /// Called once: with true to do the work, with false when the pool stops before its turn.
    using Job = UniqueFunction<void(bool run)>;

    /// At most `threadsMax` jobs run and `queueMax` more wait. Without threads, whoever calls
    /// runOne() does the work.
    WorkerPool(std::size_t threadsMax, std::size_t queueMax);
    /// Waits for what runs, however long.
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// False: at its limits, or stopped.
    [[nodiscard]] bool submit(Job job);

    /// Takes nothing more, drops what waits, and gives what runs `waitMs` to return. False: some of
    /// it still has not, and whatever it uses must stay.
    bool stop(std::int64_t waitMs);

    /// Stops, and waits for what runs, however long.
    void join();

    /// Runs the job that waits longest here; false when none does.
    bool runOne();

    std::size_t running() const;

private:
    struct State;
    static void work(const std::shared_ptr<State>& state);
    static void runNext(State& state, std::unique_lock<std::mutex>& lock);

    /// Shared with the threads: one that hangs may outlive the pool.
    std::shared_ptr<State> state_;
};

}  // namespace syncline::core
