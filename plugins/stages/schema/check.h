// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <syncline/plugin.hpp>

#include "compiled_schema.h"
#include "finding.h"

namespace syncline::schema {

/// The first thing that a part of the schema has against the value; none when it fits. A value that
/// would cost more than the schema's limits allow does not fit.
std::optional<Finding> check(const CompiledSchema& schema, const Subschema& part,
                             const Value& value, const Host& host);

}  // namespace syncline::schema
