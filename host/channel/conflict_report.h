// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "channel/conflict_record.h"
#include "channel/conflict_ruling.h"
#include "core/error.h"

namespace syncline::channel {

/// The members of a `conflict` message that tell the two sides: `base` (if it is known), `mine`
/// (the record as the op alone would have made it), `theirs`, `version`, `user` (whose theirs is)
/// and `paths`.
std::string conflictMembers(const Dispute& dispute, BaseValue& base, MineValue& mine,
                            const std::vector<std::string>& paths);

/// The same as what is kept of it, but for the client's origin.
ManualConflict manualConflict(const Dispute& dispute, BaseValue& base, MineValue& mine,
                              const std::vector<std::string>& paths, json::Value strategy);

/// The error of an op that a strategy refuses; its detail has the paths, the server's value and
/// what the strategy says about it.
core::Error refusedByRule(const Dispute& dispute, const Ruling& ruling);

}  // namespace syncline::channel
