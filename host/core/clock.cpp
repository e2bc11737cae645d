// SPDX-License-Identifier: Apache-2.0
#include "core/clock.h"

#include <chrono>

namespace syncline::core {

namespace {

template <class Duration, class ClockType>
std::int64_t sinceStart() {
    return std::chrono::duration_cast<Duration>(ClockType::now().time_since_epoch()).count();
}

}  // namespace

std::int64_t SystemClock::steadyMs() const {
    return sinceStart<std::chrono::milliseconds, std::chrono::steady_clock>();
}

std::int64_t SystemClock::steadyNs() const {
    return sinceStart<std::chrono::nanoseconds, std::chrono::steady_clock>();
}

std::int64_t SystemClock::wallMs() const {
    return sinceStart<std::chrono::milliseconds, std::chrono::system_clock>();
}

}  // namespace syncline::core
