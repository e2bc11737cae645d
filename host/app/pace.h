// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace syncline::app {

/// How fast `count` clients are sent away: `perSecond`, or as fast as it takes to have told all of
/// them by `endMs`. Times are of one clock.
class Pace {
public:
    Pace(std::size_t count, std::int64_t perSecond, std::int64_t beginMs, std::int64_t endMs);

    /// How many have been told by then, if all goes well. Never less than before.
    std::size_t due(std::int64_t nowMs) const;

    /// Whether `perSecond` had to be exceeded.
    bool hurries() const { return neededMs() > windowMs_; }

private:
    std::int64_t neededMs() const;

    const std::int64_t count_;
    const std::int64_t perSecond_;
    const std::int64_t beginMs_;
    const std::int64_t windowMs_;
};

}  // namespace syncline::app
