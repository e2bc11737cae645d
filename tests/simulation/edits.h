// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "json/value.h"
#include "simulation/dice.h"

namespace syncline::simulation {

/// The key of the record that somebody changes next.
std::string chooseKey(Dice& dice);

/// What they do to it, {kind, …}, having `seen` it like that (empty: there is none). `serial`: no
/// two changes of a run have the same.
json::Value chooseChange(Dice& dice, const std::string& key, const std::optional<json::Value>& seen,
                         std::uint64_t serial);

}  // namespace syncline::simulation
