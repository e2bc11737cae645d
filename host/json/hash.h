// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "json/value.h"

namespace syncline::json {

/// 64 bits of the canonical text (json/write.h): equal for equal values, on every machine and
/// version. Not against somebody who looks for collisions.
std::uint64_t stableHash(const Value& value, std::uint64_t seed = 0);

}  // namespace syncline::json
