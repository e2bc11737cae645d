// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "json/pointer.h"
#include "json/value.h"

namespace syncline::json {

/// The places where `after` differs from `before`: copying just these gives `after`. Goes down
/// through objects, never into arrays. A member that went is one place; a new object is its leaves.
/// Absent is not null. In the order of `before`, then of what is new.
std::vector<Pointer> changedPaths(const Value& before, const Value& after);

/// The merge patch (RFC 7396) that turns `before` into `after`, or nothing when none can: a merge
/// cannot write a null into an object.
std::optional<Value> diffAsMerge(const Value& before, const Value& after);

}  // namespace syncline::json
