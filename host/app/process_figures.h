// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

namespace syncline::app {

/// What the operating system says of this process.
struct ProcessFigures {
    double cpuSeconds = 0;
    std::uint64_t residentBytes = 0;
    std::uint64_t descriptorsMax = 0;
    std::uint64_t threads = 0;
};

/// As of now; what cannot be read is 0. [any thread]
ProcessFigures processFigures();

/// How many descriptors are open, or were some seconds ago: to count ten thousands takes a while,
/// in which a shard stands still. [any thread]
class OpenDescriptors {
public:
    std::uint64_t count(std::int64_t nowMs) const;

private:
    mutable std::mutex mutex_;
    mutable std::optional<std::int64_t> countedAtMs_;
    mutable std::uint64_t count_ = 0;
};

}  // namespace syncline::app
