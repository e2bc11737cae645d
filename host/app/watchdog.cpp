// SPDX-License-Identifier: Apache-2.0
#include "app/watchdog.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/thread_name.h"

namespace syncline::app {

Watchdog::Watchdog(const core::Clock& clock, std::int64_t limitMs, std::vector<Subject> subjects,
                   std::shared_ptr<spdlog::logger> log)
    : clock_(clock), limitMs_(limitMs), log_(std::move(log)) {
    for (Subject& subject : subjects) watches_.push_back({std::move(subject), 0, {}});
    if (limitMs_ <= 0) return;
    thread_ = std::thread([this] {
        core::nameThisThread("watchdog");
        run();
    });
}

Watchdog::~Watchdog() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    ended_.notify_all();
    if (thread_.joinable()) thread_.join();
}

std::optional<std::string> Watchdog::trouble() const {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < watches_.size(); ++i) {
        const Watch& watch = watches_[i];
        if (watch.stuckSinceMs == 0) continue;
        return "shard " + std::to_string(i) + " has stood still for " +
               std::to_string(clock_.steadyMs() - watch.stuckSinceMs) + " ms in " + watch.where;
    }
    return std::nullopt;
}

void Watchdog::look() {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = clock_.steadyMs();
    std::size_t stalled = 0;
    for (std::size_t i = 0; i < watches_.size(); ++i) {
        Watch& watch = watches_[i];
        const std::int64_t started = watch.subject.tickStartedMs();
        const bool stuck = started != 0 && now - started > limitMs_;
        if (stuck) ++stalled;
        if (stuck && watch.stuckSinceMs == 0) {
            stalls_.fetch_add(1, std::memory_order_relaxed);
            watch.where = watch.subject.whereabouts();
            log_->error("shard {} has stood still for {} ms in {}", i, now - started, watch.where);
        }
        if (!stuck && watch.stuckSinceMs != 0) {
            log_->warn("shard {} goes on, after {} ms in {}", i, now - watch.stuckSinceMs,
                       watch.where);
        }
        watch.stuckSinceMs = stuck ? started : 0;
    }
    stalled_.store(stalled, std::memory_order_relaxed);
}

void Watchdog::run() {
    const std::chrono::milliseconds pause(std::max<std::int64_t>(10, limitMs_ / 4));
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            if (ended_.wait_for(lock, pause, [this] { return ending_; })) return;
        }
        look();
    }
}

}  // namespace syncline::app
