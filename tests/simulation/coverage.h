// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "simulation/plan.h"

namespace syncline::simulation {

/// What few ops come to.
enum class Ending : std::uint8_t {
    aged,      ///< its number was forgotten with its outcome, if it had one: it is up for review
    resolved,  ///< it ended a conflict that was kept
    tooLate,   ///< it was to, and somebody else had
    movedOn,   ///< it was to, and the record had changed since
    expired,   ///< nobody did, and the server made it
    posted,    ///< it was settled by requests alone
    crossed,   ///< it was sent on a connection and posted, whichever came first
    count_,
};
inline constexpr std::size_t kEndings = static_cast<std::size_t>(Ending::count_);
std::string_view nameOf(Ending ending);

/// How often each fault met an op in each phase, and how often ops ended in rare ways.
struct Coverage {
    std::array<std::array<std::uint64_t, kPhases>, kFaults> hits{};
    std::array<std::uint64_t, kEndings> endings{};

    void count(Ending ending) { ++endings[static_cast<std::size_t>(ending)]; }
    void count(Fault fault, Phase phase) {
        ++hits[static_cast<std::size_t>(fault)][static_cast<std::size_t>(phase)];
    }
    void add(const Coverage& other);
    std::string table() const;
    /// The cells that were never hit and could have been, and what never came about; empty: none.
    std::string missing() const;
};

}  // namespace syncline::simulation
