// SPDX-License-Identifier: Apache-2.0
#include "core/timer_wheel.h"

#include <algorithm>
#include <utility>

namespace syncline::core {

TimerWheel::TimerWheel(std::int64_t nowMs) : tick_(nowMs / kTickMs), heads_(kSlots, kNone) {}

TimerWheel::Id TimerWheel::start(std::int64_t nowMs, std::int64_t delayMs, Task task) {
    std::uint32_t index;
    if (free_.empty()) {
        index = static_cast<std::uint32_t>(timers_.size());
        timers_.emplace_back();
    } else {
        index = free_.back();
        free_.pop_back();
    }
    Timer& timer = timers_[index];
    // Rounded up, so that a timer is never early, and never into a tick that already ran.
    timer.dueTick = std::max(tick_ + 1, (nowMs + delayMs + kTickMs - 1) / kTickMs);
    timer.task = std::move(task);
    timer.running = true;
    link(index);
    ++size_;
    return Id{index, timer.generation};
}

void TimerWheel::stop(Id id) {
    if (id.slot >= timers_.size()) return;
    Timer& timer = timers_[id.slot];
    if (!timer.running || timer.generation != id.generation) return;
    unlink(id.slot);
    release(id.slot);
}

void TimerWheel::advance(std::int64_t nowMs) {
    const std::int64_t target = nowMs / kTickMs;
    // After a long pause one turn of the wheel visits every slot.
    const std::int64_t first = std::max(tick_ + 1, target - static_cast<std::int64_t>(kSlots) + 1);
    if (target < first) return;
    tick_ = target;
    std::vector<std::pair<std::int64_t, std::uint32_t>> due;
    for (std::int64_t tick = first; tick <= target; ++tick) {
        for (std::uint32_t i = heads_[static_cast<std::size_t>(tick) % kSlots]; i != kNone;
             i = timers_[i].next) {
            if (timers_[i].dueTick <= target) due.emplace_back(timers_[i].dueTick, i);
        }
    }
    std::sort(due.begin(), due.end());
    std::vector<Id> ids;
    ids.reserve(due.size());
    for (const auto& entry : due) ids.push_back({entry.second, timers_[entry.second].generation});
    for (const Id id : ids) {
        // A task that ran before this one may have stopped it.
        if (!timers_[id.slot].running || timers_[id.slot].generation != id.generation) continue;
        unlink(id.slot);
        Task task = release(id.slot);
        task();
    }
}

std::int64_t TimerWheel::untilNextMs(std::int64_t nowMs, std::int64_t limitMs) const {
    if (size_ == 0) return limitMs;
    const std::int64_t lastTick = (nowMs + limitMs) / kTickMs;
    for (std::int64_t tick = tick_ + 1; tick <= lastTick && tick <= tick_ + std::int64_t{kSlots};
         ++tick) {
        for (std::uint32_t i = heads_[static_cast<std::size_t>(tick) % kSlots]; i != kNone;
             i = timers_[i].next) {
            if (timers_[i].dueTick <= tick) {
                return std::clamp<std::int64_t>(tick * kTickMs - nowMs, 0, limitMs);
            }
        }
    }
    return limitMs;
}

void TimerWheel::link(std::uint32_t index) {
    Timer& timer = timers_[index];
    std::uint32_t& head = heads_[static_cast<std::size_t>(timer.dueTick) % kSlots];
    timer.previous = kNone;
    timer.next = head;
    if (head != kNone) timers_[head].previous = index;
    head = index;
}

void TimerWheel::unlink(std::uint32_t index) {
    Timer& timer = timers_[index];
    if (timer.previous != kNone) {
        timers_[timer.previous].next = timer.next;
    } else {
        heads_[static_cast<std::size_t>(timer.dueTick) % kSlots] = timer.next;
    }
    if (timer.next != kNone) timers_[timer.next].previous = timer.previous;
}

Task TimerWheel::release(std::uint32_t index) {
    Timer& timer = timers_[index];
    timer.running = false;
    ++timer.generation;
    --size_;
    free_.push_back(index);
    return std::exchange(timer.task, Task());
}

}  // namespace syncline::core
