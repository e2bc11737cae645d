// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/clock.h"

namespace syncline::app {

/// Notices a shard that stands still: one whose tick has been running for longer than `limitMs`.
/// Names the plugin and its function in the log, once when it begins and once when it is over, and
/// keeps the sentence for the health check. A thread of its own, which must not wait for shards.
class Watchdog {
public:
    /// How to look at one shard. Both may be called at any time by the watchdog's thread.
    struct Subject {
        std::function<std::int64_t()> tickStartedMs;  ///< 0: it sleeps
        std::function<std::string()> whereabouts;     ///< "plugin x in on_message", or "the host"
    };

    Watchdog(const core::Clock& clock, std::int64_t limitMs, std::vector<Subject> subjects,
             std::shared_ptr<spdlog::logger> log);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    /// Which shard stands still and why; nothing when all go on. [any thread]
    std::optional<std::string> trouble() const;

    /// How many shards stand still now, and how often one began to. [any thread]
    std::size_t stalled() const { return stalled_.load(std::memory_order_relaxed); }
    std::uint64_t stalls() const { return stalls_.load(std::memory_order_relaxed); }

    /// One look at every shard; the thread does it a few times per limit.
    void look();

private:
    struct Watch {
        Subject subject;
        std::int64_t stuckSinceMs = 0;
        std::string where;
    };

    void run();

    const core::Clock& clock_;
    const std::int64_t limitMs_;
    std::shared_ptr<spdlog::logger> log_;
    std::vector<Watch> watches_;
    mutable std::mutex mutex_;
    std::condition_variable ended_;
    bool ending_ = false;
    std::atomic<std::size_t> stalled_{0};
    std::atomic<std::uint64_t> stalls_{0};
    std::thread thread_;
};

}  // namespace syncline::app
