// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <syncline/plugin.hpp>

namespace syncline::schema {

/// Throws ConfigError when a "$ref" of the schema leads out of it, nowhere, or around in a circle
/// of nothing but references. `pointer` is where the schema stands in the configuration.
void checkReferences(const Value& schema, const std::string& pointer);

}  // namespace syncline::schema
