// SPDX-License-Identifier: Apache-2.0
#include "channel/worker_pool.h"

#include <utility>

namespace syncline::channel {

WorkerPool::WorkerPool(std::size_t threads, std::size_t tasksMax) : tasksMax_(tasksMax) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
    stop();
}

bool WorkerPool::post(core::Task task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || tasks_.size() >= tasksMax_) return false;
        tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
    return true;
}

bool WorkerPool::runOne() {
    core::Task task;
    {
        const std::lock_guard lock(mutex_);
        if (tasks_.empty()) return false;
        task = std::move(tasks_.front());
        tasks_.pop_front();
    }
    task();
    return true;
}

void WorkerPool::work() {
    while (true) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
            if (stopping_) return;
        }
        // Another thread may have been quicker; then this one waits again.
        runOne();
    }
}

void WorkerPool::stop() {
    std::deque<core::Task> dropped;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        dropped.swap(tasks_);
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

}  // namespace syncline::channel
