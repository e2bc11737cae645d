// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace syncline::rate_limit {

/// So much per second or minute, and so much at once. Immutable.
struct Limit {
    std::int64_t intervalNs = 0;  ///< in which one token comes back
    std::int64_t burst = 0;       ///< tokens of a full bucket

    /// How long an empty bucket takes to become full.
    std::int64_t refillNs() const { return intervalNs * burst; }

    /// `rate` is "<count>/s", "/m", "/h" or "/d"; a burst of 0 is the count. One whose bucket would
    /// take longer than a year to fill, or with no token at all, has a burst of 0.
    static Limit of(std::string_view rate, std::int64_t burst);
};

/// Tokens that come back at the pace of a limit, told by one number: when it will be full again. A
/// bucket that is full is like one that was never made.
class Bucket {
public:
    /// Takes `cost` tokens and answers 0, or takes none and answers how many nanoseconds from now
    /// they will be there. `cost` is at most the burst.
    std::int64_t take(const Limit& limit, std::int64_t cost, std::int64_t nowNs) {
        const std::int64_t startNs = fullAtNs_ > nowNs ? fullAtNs_ : nowNs;
        const std::int64_t nextNs = startNs + cost * limit.intervalNs;
        const std::int64_t beyondNs = nextNs - nowNs - limit.refillNs();
        if (beyondNs > 0) return beyondNs;
        fullAtNs_ = nextNs;
        return 0;
    }

    void giveBack(const Limit& limit, std::int64_t cost) { fullAtNs_ -= cost * limit.intervalNs; }

    bool isFull(std::int64_t nowNs) const { return fullAtNs_ <= nowNs; }

private:
    std::int64_t fullAtNs_ = INT64_MIN / 2;
};

}  // namespace syncline::rate_limit
