// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace syncline::json {

/// Whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates). [any thread]
bool isUtf8(std::string_view text);

/// Where the first byte sequence that is not UTF-8 starts; text.size() when all of it is.
std::size_t invalidUtf8At(std::string_view text);

}  // namespace syncline::json
