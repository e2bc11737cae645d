// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "channel/stream.h"
#include "observe/distribution.h"
#include "observe/number.h"

namespace syncline::channel {

/// Outcome is the index; nothing has the first.
inline constexpr std::size_t kOutcomes = static_cast<std::size_t>(Outcome::voided) + 1;

/// Counted by the home of a shard's channels, read by anybody.
struct HomeFigures {
    observe::Number channels;  ///< in memory
    std::array<observe::Number, kOutcomes> ops;
    observe::Number opsRepeated;   ///< answered with the verdict of an earlier attempt
    observe::Number opsUnsettled;  ///< answered without a verdict: to be sent again, or wrong
};

/// One channel in memory, as whoever runs the server sees it.
struct ChannelDescription {
    std::string name;
    std::uint64_t seq = 0;
    std::size_t records = 0;
    std::size_t subscribers = 0;
    std::size_t opsInFlight = 0;
    double opsPerMinute = 0;  ///< about, of late
};

/// The same of all homes, and of the writers.
struct DirectoryFigures {
    struct Storage {
        std::string name;
        std::uint64_t queuedOps = 0;
        std::uint64_t queuedBytes = 0;
        std::uint64_t commitsFailed = 0;
        observe::Distribution::Reading groupOps;
        std::uint64_t groupBytes = 0;  ///< of all of them
        observe::Distribution::Reading commitNs;
    };

    std::uint64_t channels = 0;
    std::array<std::uint64_t, kOutcomes> ops{};
    std::uint64_t opsRepeated = 0;
    std::uint64_t opsUnsettled = 0;
    std::uint64_t opsApplied = 0;  ///< what took effect
    std::uint64_t opsRefused = 0;  ///< what consumed a number and took none
    std::uint64_t commits = 0;
    std::uint64_t queuedOps = 0;
    std::uint64_t catchUpBytes = 0;  ///< in frames of those who catch up
    std::vector<Storage> storages;
};

}  // namespace syncline::channel
