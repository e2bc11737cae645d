// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/task.h"

namespace syncline::core {

/// A hashed timing wheel (Varghese and Lauck, 1987, scheme 6): starting and stopping a timer cost
/// the same however many there are. One per shard; [the shard's thread].
///
/// Resolution is `kTickMs`: a timer fires at the first advance at or after its time, never early.
class TimerWheel {
public:
    static constexpr std::int64_t kTickMs = 8;
    static constexpr std::size_t kSlots = 512;

    /// Names a running timer. The default value names none.
    struct Id {
        std::uint32_t slot = 0;
        std::uint32_t generation = 0;
        bool operator==(const Id&) const = default;
    };

    explicit TimerWheel(std::int64_t nowMs);

    /// Runs `task` once, `delayMs` (>= 0) after `nowMs`.
    Id start(std::int64_t nowMs, std::int64_t delayMs, Task task);

    /// Stops a timer. Harmless for one that fired or was stopped, and for the default Id.
    void stop(Id id);

    /// Runs what is due. Tasks may start and stop timers.
    void advance(std::int64_t nowMs);

    /// Milliseconds until advance() has something to do, at most `limitMs`. 0: now.
    std::int64_t untilNextMs(std::int64_t nowMs, std::int64_t limitMs) const;

    std::size_t size() const { return size_; }

private:
    static constexpr std::uint32_t kNone = 0xffffffff;

    struct Timer {
        std::int64_t dueTick = 0;
        std::uint32_t generation = 1;
        std::uint32_t next = kNone;
        std::uint32_t previous = kNone;
        bool running = false;
        Task task;
    };

    void link(std::uint32_t index);
    void unlink(std::uint32_t index);
    Task release(std::uint32_t index);

    std::int64_t tick_;
    std::size_t size_ = 0;
    std::vector<Timer> timers_;
    std::vector<std::uint32_t> free_;
    std::vector<std::uint32_t> heads_;
};

}  // namespace syncline::core
