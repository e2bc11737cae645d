// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "core/shard.h"

namespace syncline::tests {

/// A clock whose hands the test turns.
class FakeClock final : public core::Clock {
public:
    std::int64_t steadyMs() const override { return steadyNs_ / 1'000'000; }
    std::int64_t steadyNs() const override { return steadyNs_; }
    std::int64_t wallMs() const override { return wallMs_; }

    void advanceMs(std::int64_t ms) {
        steadyNs_ += ms * 1'000'000;
        wallMs_ += ms;
    }

private:
    std::int64_t steadyNs_ = 1'000'000'000;
    std::int64_t wallMs_ = 1'700'000'000'000;
};

/// A shard that the test drives by hand, on the test's own thread.
class FakeShard final : public core::Shard {
public:
    explicit FakeShard(FakeClock& clock, std::size_t index = 0)
        : clock_(clock), index_(index), timers_(clock.steadyMs()) {}

    bool post(core::Task task) override {
        if (inboxFull) return false;
        inbox_.push_back(std::move(task));
        return true;
    }
    void postAlways(core::Task task) override { inbox_.push_back(std::move(task)); }
    bool isCurrent() const override { return true; }
    std::size_t index() const override { return index_; }
    const core::Clock& clock() const override { return clock_; }
    std::int64_t nowMs() const override { return clock_.steadyMs(); }
    core::TimerWheel& timers() override { return timers_; }
    void atTickEnd(core::Task hook) override { hooks_.push_back(std::move(hook)); }

    /// One tick: inbox, timers, tick-end hooks. Answers whether anything ran.
    bool tick() {
        bool ran = false;
        std::deque<core::Task> tasks;
        tasks.swap(inbox_);
        for (core::Task& task : tasks) {
            task();
            ran = true;
        }
        timers_.advance(clock_.steadyMs());
        while (!hooks_.empty()) {
            core::Task hook = std::move(hooks_.front());
            hooks_.pop_front();
            hook();
            ran = true;
        }
        return ran;
    }

    /// Ticks until nothing is left to do now.
    void settle() {
        while (tick()) {
        }
    }

    bool inboxFull = false;  ///< post() refuses, as at the limit

private:
    FakeClock& clock_;
    std::size_t index_;
    core::TimerWheel timers_;
    std::deque<core::Task> inbox_;
    std::deque<core::Task> hooks_;
};

}  // namespace syncline::tests
