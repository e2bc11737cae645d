// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "core/clock.h"
#include "core/task.h"

namespace syncline::simulation {

/// The time of a run. The wall clock of the server can be set to something else, as people do.
class VirtualClock final : public core::Clock {
public:
    std::int64_t steadyMs() const override { return nowUs_ / 1'000; }
    std::int64_t steadyNs() const override { return nowUs_ * 1'000; }
    std::int64_t wallMs() const override { return kBeganMs + nowUs_ / 1'000 + wallOffsetMs_; }

    std::int64_t nowUs() const { return nowUs_; }
    void advanceTo(std::int64_t us) {
        if (us > nowUs_) nowUs_ = us;
    }
    void jumpWallMs(std::int64_t ms) {
        latestWallMs_ = latestWallMs();
        wallOffsetMs_ += ms;
    }
    /// As late as the wall clock has ever been.
    std::int64_t latestWallMs() const { return std::max(latestWallMs_, wallMs()); }
    /// Some call takes that long.
    void pass(std::int64_t us) { nowUs_ += us; }

private:
    static constexpr std::int64_t kBeganMs = 1'700'000'000'000;
    std::int64_t nowUs_ = 1'000'000;
    std::int64_t wallOffsetMs_ = 0;
    std::int64_t latestWallMs_ = 0;
};

/// What is to happen, in the order of its time; what is due at the same time in the order in which
/// it was asked for.
class Schedule {
public:
    explicit Schedule(VirtualClock& clock) : clock_(clock) {}

    void in(std::int64_t us, core::Task task) {
        waiting_.emplace(std::pair(clock_.nowUs() + us, ++serial_), std::move(task));
    }

    /// Runs the next event that is due by then; false when there is none.
    bool runNext(std::int64_t untilUs) {
        if (waiting_.empty() || waiting_.begin()->first.first > untilUs) {
            clock_.advanceTo(untilUs);
            return false;
        }
        auto next = waiting_.extract(waiting_.begin());
        clock_.advanceTo(next.key().first);
        next.mapped()();
        return true;
    }

private:
    VirtualClock& clock_;
    std::uint64_t serial_ = 0;
    std::map<std::pair<std::int64_t, std::uint64_t>, core::Task> waiting_;
};

}  // namespace syncline::simulation
