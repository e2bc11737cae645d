// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "load/figures.h"
#include "load/loop.h"
#include "load/scenarios.h"

namespace syncline::bench {

inline std::uint64_t secondsInNs(double seconds) {
    return static_cast<std::uint64_t>(seconds * 1e9);
}

/// Warm-up, then the measured time; `each` is called all along, after every round of the loop.
inline void measure(Loop& loop, const Options& options, Figures& figures,
                    const std::function<void()>& each = nullptr) {
    const auto runFor = [&](double seconds) {
        const std::uint64_t untilNs = nowNs() + secondsInNs(seconds);
        loop.run([&] {
            if (each) each();
            return nowNs() >= untilNs;
        });
    };
    runFor(options.warmUpSeconds);
    figures.begin();
    runFor(options.seconds);
    figures.end();
}

}  // namespace syncline::bench
