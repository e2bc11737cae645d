// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/entry.h"
#include "simulation/coverage.h"
#include "simulation/ledger.h"
#include "simulation/replica.h"

namespace syncline::simulation {

// What is kept of conflicts, and what ends them, as the log alone tells it.

/// What a client's change says that it is, if it resolves a conflict.
inline constexpr std::string_view kResolve = "resolve";

/// Whether the op is to resolve a conflict.
bool resolves(const Deed& deed);

/// Whether the entry ends the conflict that the deed, which resolves one, is about, and leaves what
/// it takes; what `mine` was is for misjudged() to know.
bool ends(const channel::Entry& entry, const Deed& deed);

/// The id of the conflict that an entry says to be kept, in the entry behind it; empty: none.
std::string announced(const channel::Entry& entry);

/// Why an entry cannot follow what there is `before` it; empty: it can. `previous`: the entry in
/// front of it, or nullptr. `deed`: the op that it is; nullptr: nobody's, or it is not known.
std::string misjudged(const Replica& before, const channel::Entry* previous,
                      const channel::Entry& entry, const Deed* deed);

/// What it made of a conflict that was kept, if anything.
std::optional<Ending> endingOf(const channel::Entry& entry);

/// The conflicts that are open and should have expired by then.
std::vector<std::string> overdue(const Replica& state, std::int64_t wallMs);

}  // namespace syncline::simulation
