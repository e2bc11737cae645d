// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <utility>

#include "core/shard.h"

namespace syncline::simulation {

/// A shard whose ticks the schedule runs, all on one thread.
class VirtualShard final : public core::Shard {
public:
    /// `wake`: something waits for a tick.
    VirtualShard(const core::Clock& clock, std::size_t index, std::function<void()> wake)
        : clock_(clock), index_(index), wake_(std::move(wake)), timers_(clock.steadyMs()) {}

    bool post(core::Task task) override {
        postAlways(std::move(task));
        return true;
    }
    void postAlways(core::Task task) override {
        inbox_.push_back(std::move(task));
        wake_();
    }
    bool isCurrent() const override { return true; }
    std::size_t index() const override { return index_; }
    const core::Clock& clock() const override { return clock_; }
    std::int64_t nowMs() const override { return clock_.steadyMs(); }
    core::TimerWheel& timers() override { return timers_; }
    void atTickEnd(core::Task hook) override {
        hooks_.push_back(std::move(hook));
        wake_();
    }

    void tick() {
        std::deque<core::Task> tasks;
        tasks.swap(inbox_);
        for (core::Task& task : tasks) task();
        timers_.advance(clock_.steadyMs());
        while (!hooks_.empty()) {
            core::Task hook = std::move(hooks_.front());
            hooks_.pop_front();
            hook();
        }
    }

    /// Before what the tasks refer to goes.
    void forgetAll() {
        inbox_.clear();
        hooks_.clear();
    }

private:
    const core::Clock& clock_;
    const std::size_t index_;
    const std::function<void()> wake_;
    core::TimerWheel timers_;
    std::deque<core::Task> inbox_;
    std::deque<core::Task> hooks_;
};

}  // namespace syncline::simulation
