// SPDX-License-Identifier: Apache-2.0
#include "core/inbox.h"

#include <utility>

namespace syncline::core {

Inbox::Inbox(std::size_t tasksMax, Task wake) : tasksMax_(tasksMax), wake_(std::move(wake)) {}

bool Inbox::put(Task task) {
    std::unique_lock lock(mutex_);
    if (tasks_.size() >= tasksMax_) return false;
    append(lock, std::move(task));
    return true;
}

void Inbox::putAlways(Task task) {
    std::unique_lock lock(mutex_);
    append(lock, std::move(task));
}

void Inbox::takeAll(std::vector<Task>& into) {
    into.clear();
    if (empty_.load(std::memory_order_acquire)) return;
    const std::lock_guard lock(mutex_);
    into.swap(tasks_);
    empty_.store(true, std::memory_order_release);
}

void Inbox::append(std::unique_lock<std::mutex>& lock, Task task) {
    const bool wasEmpty = tasks_.empty();
    tasks_.push_back(std::move(task));
    empty_.store(false, std::memory_order_release);
    if (!wasEmpty) return;
    // Still under the lock: the owner may be gone an instant after it has taken this task.
    wake_();
    lock.unlock();
}

}  // namespace syncline::core
