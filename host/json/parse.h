// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "core/result.h"
#include "json/value.h"

namespace syncline::json {

struct ParseLimits {
    std::size_t depthMax = 64;  ///< arrays and objects within each other; at most 1,000
    std::size_t bytesMax = 16 * 1024 * 1024;  ///< of text
    bool exactIntegers = true;                ///< refuse an integer that a double cannot hold
};

/// Reads one JSON text (RFC 8259). Refused are also: a key twice in one object, text that is not
/// UTF-8, half of a surrogate pair, anything but white space behind the value, a number too large
/// for a double. The reason names the byte offset.
///
/// Errors: numberOutOfRange for a number written as an integer beyond +-(2^53 - 1), notJson for all
/// else. [any thread]
core::Result<Value> parse(std::string_view text, const ParseLimits& limits = {});

}  // namespace syncline::json
