// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "simulation/plan.h"

namespace syncline::simulation {

/// How often each fault met an op in each phase.
struct Coverage {
    std::array<std::array<std::uint64_t, kPhases>, kFaults> hits{};

    void count(Fault fault, Phase phase) {
        ++hits[static_cast<std::size_t>(fault)][static_cast<std::size_t>(phase)];
    }
    void add(const Coverage& other);
    std::string table() const;
    /// The cells that were never hit and could have been; empty: none.
    std::string missing() const;
};

}  // namespace syncline::simulation
