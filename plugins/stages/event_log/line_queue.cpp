// SPDX-License-Identifier: Apache-2.0
#include "line_queue.h"

#include <pthread.h>

#include <utility>

namespace syncline::event_log {

LineQueue::LineQueue(std::size_t bytesMax, Write write, Lost lost)
    : bytesMax_(bytesMax), write_(std::move(write)), lost_(std::move(lost)) {
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "event-log");
        run();
    });
}

bool LineQueue::push(std::string line) {
    {
        const std::lock_guard lock(mutex_);
        if (closed_ || bytes_ + line.size() > bytesMax_) {
            ++dropped_;
            return false;
        }
        bytes_ += line.size();
        lines_.push_back(std::move(line));
    }
    wake_.notify_one();
    return true;
}

void LineQueue::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void LineQueue::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return closed_ || !lines_.empty(); });
        std::deque<std::string> taken;
        taken.swap(lines_);
        const std::size_t bytes = bytes_;
        const std::uint64_t lost = std::exchange(dropped_, 0);
        lock.unlock();
        if (lost > 0) lost_(lost);
        const std::size_t written = taken.empty() ? 0 : write_(taken);
        lock.lock();
        bytes_ -= bytes;
        dropped_ += taken.size() - written;
        if (closed_ && lines_.empty() && dropped_ == 0) return;
    }
}

}  // namespace syncline::event_log
