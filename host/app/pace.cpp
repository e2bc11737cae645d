// SPDX-License-Identifier: Apache-2.0
#include "app/pace.h"

#include <algorithm>

namespace syncline::app {

Pace::Pace(std::size_t count, std::int64_t perSecond, std::int64_t beginMs, std::int64_t endMs)
    : count_(static_cast<std::int64_t>(count)),
      perSecond_(perSecond),
      beginMs_(beginMs),
      windowMs_(std::max<std::int64_t>(0, endMs - beginMs)) {}

std::int64_t Pace::neededMs() const {
    return count_ * 1'000 / perSecond_;
}

std::size_t Pace::due(std::int64_t nowMs) const {
    const std::int64_t elapsedMs = nowMs - beginMs_;
    const std::int64_t takesMs = std::min(neededMs(), windowMs_);
    if (elapsedMs >= takesMs) return static_cast<std::size_t>(count_);
    return static_cast<std::size_t>(count_ * elapsedMs / takesMs);
}

}  // namespace syncline::app
