// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

namespace syncline::observe {

/// How much happens lately: what was added, halved every minute. [one thread]
class Activity {
public:
    void add(double amount, std::int64_t nowMs) {
        level_ = at(nowMs) + amount;
        sinceMs_ = nowMs;
    }

    double at(std::int64_t nowMs) const {
        return level_ * std::exp2(-static_cast<double>(nowMs - sinceMs_) / kHalvedAfterMs);
    }

private:
    static constexpr double kHalvedAfterMs = 60'000;

    double level_ = 0;
    std::int64_t sinceMs_ = 0;
};

}  // namespace syncline::observe
