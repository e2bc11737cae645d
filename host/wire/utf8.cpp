// SPDX-License-Identifier: Apache-2.0
#include "wire/utf8.h"

#include <cstring>

namespace syncline::wire {

namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;

bool isContinuation(char byte) {
    return (static_cast<std::uint8_t>(byte) & 0xC0) == 0x80;
}

/// How many of the next bytes, counted in eights, are ASCII.
std::size_t asciiRun(const char* bytes, std::size_t size) {
    std::size_t run = 0;
    while (run + 8 <= size) {
        std::uint64_t eight;
        std::memcpy(&eight, bytes + run, 8);
        if ((eight & kHighBits) != 0) break;
        run += 8;
    }
    return run;
}

}  // namespace

std::string_view utf8Prefix(std::string_view text, std::size_t bytesMax) {
    if (text.size() <= bytesMax) return text;
    std::size_t end = bytesMax;
    while (end > 0 && isContinuation(text[end])) --end;
    return text.substr(0, end);
}

bool Utf8Validator::feed(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (pending_ == 0) {
            i += asciiRun(bytes.data() + i, bytes.size() - i);
            if (i == bytes.size()) return true;
        }
        const auto byte = static_cast<std::uint8_t>(bytes[i]);
        if (pending_ == 0) {
            if (!startCharacter(byte)) return false;
            continue;
        }
        if (byte < lowest_ || byte > highest_) return false;
        lowest_ = 0x80;
        highest_ = 0xBF;
        --pending_;
    }
    return true;
}

/// The first byte says how many follow; some of them narrow the second one, which is how overlong
/// forms, surrogates and numbers past U+10FFFF are kept out (RFC 3629, section 4).
bool Utf8Validator::startCharacter(std::uint8_t byte) {
    if (byte < 0x80) return true;
    if (byte < 0xC2 || byte > 0xF4) return false;
    pending_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    if (byte == 0xE0) lowest_ = 0xA0;
    if (byte == 0xED) highest_ = 0x9F;
    if (byte == 0xF0) lowest_ = 0x90;
    if (byte == 0xF4) highest_ = 0x8F;
    return true;
}

}  // namespace syncline::wire
