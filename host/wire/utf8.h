// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace syncline::wire {

/// The longest prefix of valid UTF-8 that is at most `bytesMax` long and ends between characters.
std::string_view utf8Prefix(std::string_view text, std::size_t bytesMax);

/// Checks UTF-8 that arrives in pieces, and fails at the first byte that cannot be right.
class Utf8Validator {
public:
    /// False when the bytes so far are no prefix of valid UTF-8.
    bool feed(std::string_view bytes);

    /// Whether the bytes so far end between characters.
    bool isComplete() const { return pending_ == 0; }

    void reset() { *this = Utf8Validator(); }

private:
    bool startCharacter(std::uint8_t byte);

    std::uint8_t pending_ = 0;    ///< continuation bytes still to come
    std::uint8_t lowest_ = 0x80;  ///< bounds of the next of them
    std::uint8_t highest_ = 0xBF;
};

}  // namespace syncline::wire
