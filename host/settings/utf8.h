// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace syncline::settings {

/// Whether a byte continues a code point that began before it.
constexpr bool isContinuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0u) == 0x80u;
}

/// How many code points well-formed text has; a malformed byte counts as one.
constexpr std::size_t codePointCount(std::string_view text) {
    std::size_t count = 0;
    for (const char byte : text) count += isContinuation(byte) ? 0 : 1;
    return count;
}

/// A text with every control character replaced, for printing on one line.
std::string printable(std::string_view text);

}  // namespace syncline::settings
