// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace syncline::app {

/// What the operating system says of this process.
struct ProcessFigures {
    double cpuSeconds = 0;
    std::uint64_t residentBytes = 0;
    std::uint64_t openDescriptors = 0;
    std::uint64_t descriptorsMax = 0;
    std::uint64_t threads = 0;
};

/// As of now; what cannot be read is 0. [any thread]
ProcessFigures processFigures();

}  // namespace syncline::app
