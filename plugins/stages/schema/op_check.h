// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <syncline/plugin.hpp>

#include "compiled_schema.h"
#include "finding.h"

namespace syncline::schema {

/// What the schema of a record has against an op, from what the op itself says: the record is not
/// known here. Pointers begin at the op. An op that is malformed passes: its handler says so.
///
/// - `set`: the value fits the whole schema.
/// - `merge`: what it puts at a path fits the schema of that path; it removes no required member.
/// - `patch`: the same for each step; `test` and the source of a `copy` are free.
/// - `increment`: a number may be at the path, and an integer grows by integers.
/// - `add`, `insert`: the value fits the schema of elements at the path.
std::optional<Finding> checkOp(const CompiledSchema& schema, const Value& op, const Host& host);

}  // namespace syncline::schema
