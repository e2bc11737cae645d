// SPDX-License-Identifier: Apache-2.0
#include "core/worker_pool.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "core/thread_name.h"

namespace syncline::core {

struct WorkerPool::State {
    State(std::size_t threadLimit, std::size_t queueLimit)
        : threadsMax(threadLimit), queueMax(queueLimit) {}

    const std::size_t threadsMax;
    const std::size_t queueMax;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Job> queue;
    std::size_t threads = 0;
    std::size_t running = 0;
    bool stopping = false;
};

WorkerPool::WorkerPool(std::size_t threadsMax, std::size_t queueMax)
    : state_(std::make_shared<State>(threadsMax, queueMax)) {}

WorkerPool::~WorkerPool() {
    join();
}

void WorkerPool::join() {
    stop(0);
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [this] { return state_->threads == 0; });
}

bool WorkerPool::submit(Job job) {
    const std::lock_guard lock(state_->mutex);
    State& state = *state_;
    const std::size_t taken = state.running + state.queue.size();
    if (state.stopping || taken >= state.threadsMax + state.queueMax) return false;
    if (taken >= state.threads && state.threads < state.threadsMax) {
        try {
            std::thread([shared = state_] {
                nameThisThread("worker");
                work(shared);
            }).detach();
            ++state.threads;
        } catch (const std::system_error&) {
            // The machine has no thread to give. Those that there are take the job; none cannot.
            if (state.threads == 0) return false;
        }
    }
    state.queue.push_back(std::move(job));
    state.changed.notify_all();
    return true;
}

void WorkerPool::work(const std::shared_ptr<State>& state) {
    std::unique_lock lock(state->mutex);
    for (;;) {
        state->changed.wait(lock, [&] { return state->stopping || !state->queue.empty(); });
        if (state->stopping) break;
        runNext(*state, lock);
    }
    --state->threads;
    state->changed.notify_all();
}

void WorkerPool::runNext(State& state, std::unique_lock<std::mutex>& lock) {
    Job job = std::move(state.queue.front());
    state.queue.pop_front();
    ++state.running;
    lock.unlock();
    job(true);
    job = Job();  // what it holds goes before the pool counts it as done
    lock.lock();
    --state.running;
}

bool WorkerPool::runOne() {
    std::unique_lock lock(state_->mutex);
    if (state_->queue.empty()) return false;
    runNext(*state_, lock);
    return true;
}

bool WorkerPool::stop(std::int64_t waitMs) {
    std::deque<Job> dropped;
    std::unique_lock lock(state_->mutex);
    state_->stopping = true;
    dropped.swap(state_->queue);
    state_->changed.notify_all();
    lock.unlock();
    for (Job& job : dropped) job(false);
    lock.lock();
    return state_->changed.wait_for(lock, std::chrono::milliseconds(waitMs),
                                    [this] { return state_->threads == 0; });
}

std::size_t WorkerPool::running() const {
    const std::lock_guard lock(state_->mutex);
    return state_->running;
}

}  // namespace syncline::core
