// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "core/result.h"
#include "json/parse.h"
#include "json/value.h"

namespace syncline::json {

/// Reads one JSON text through RapidJSON: the whole of what parse() promises for text that is
/// UTF-8, with the place and the reason of a refusal. `copy` holds the same text and a NUL, and is
/// overwritten; `stack` is empty.
core::Result<Value> readCarefully(std::string_view text, char* copy, const ParseLimits& limits,
                                  std::vector<Value>& stack);

}  // namespace syncline::json
