// SPDX-License-Identifier: Apache-2.0
#include "wire/frame.h"

#include <cassert>

#include "wire/utf8.h"

namespace syncline::wire {

namespace {

constexpr std::uint8_t kFinal = 0x80;
constexpr std::size_t kShortMax = 125;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;

void appendBigEndian(std::string& out, std::uint64_t number, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
        out += static_cast<char>(number >> shift);
    }
}

[[maybe_unused]] bool isControl(Opcode opcode) {
    return (static_cast<std::uint8_t>(opcode) & 0x8) != 0;
}

}  // namespace

void appendFrameHead(std::string& out, Opcode opcode, std::size_t payloadBytes) {
    assert(!isControl(opcode) || payloadBytes <= kControlPayloadMax);
    out += static_cast<char>(kFinal | static_cast<std::uint8_t>(opcode));
    if (payloadBytes <= kShortMax) {
        out += static_cast<char>(payloadBytes);
    } else if (payloadBytes <= 0xFFFF) {
        out += static_cast<char>(kLength16);
        appendBigEndian(out, payloadBytes, 2);
    } else {
        out += static_cast<char>(kLength64);
        appendBigEndian(out, payloadBytes, 8);
    }
}

void appendFrame(std::string& out, Opcode opcode, std::string_view payload) {
    appendFrameHead(out, opcode, payload.size());
    out.append(payload);
}

void appendClose(std::string& out, std::uint16_t code, std::string_view reason) {
    const std::string_view text = utf8Prefix(reason, kControlPayloadMax - 2);
    appendFrameHead(out, Opcode::close, 2 + text.size());
    appendBigEndian(out, code, 2);
    out.append(text);
}

std::string_view takeFrame(std::string_view& frames) {
    if (frames.empty()) return {};
    std::size_t head = 2;
    std::size_t size = static_cast<unsigned char>(frames[1]);
    const std::size_t extra = size == kLength16 ? 2 : size == kLength64 ? 8 : 0;
    if (extra != 0) size = 0;
    for (std::size_t i = 0; i < extra; ++i) {
        size = size << 8 | static_cast<unsigned char>(frames[head++]);
    }
    assert(frames.size() >= head + size);
    const std::string_view payload = frames.substr(head, size);
    frames.remove_prefix(head + size);
    return payload;
}

bool isCloseCodeAllowed(std::uint16_t code) {
    if (code >= 3000 && code <= 4999) return true;
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

}  // namespace syncline::wire
