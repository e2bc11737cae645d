// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace syncline::wire {

/// RFC 6455, section 5.2.
enum class Opcode : std::uint8_t {
    continuation = 0x0,
    text = 0x1,
    binary = 0x2,
    close = 0x8,
    ping = 0x9,
    pong = 0xA,
};

/// The registered close codes that Syncline sends or receives (RFC 6455, section 7.4.1).
namespace close_code {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t goingAway = 1001;
inline constexpr std::uint16_t protocolError = 1002;
inline constexpr std::uint16_t none = 1005;  ///< the peer's close frame had no code; never sent
inline constexpr std::uint16_t invalidText = 1007;
inline constexpr std::uint16_t messageTooBig = 1009;
inline constexpr std::uint16_t serviceRestart = 1012;
}  // namespace close_code

inline constexpr std::size_t kControlPayloadMax = 125;
inline constexpr std::size_t kFrameHeadMax = 10;  ///< of a frame without mask

/// Appends the head of an unmasked, final frame, as a server sends it.
void appendFrameHead(std::string& out, Opcode opcode, std::size_t payloadBytes);

/// Appends a whole unmasked, final frame. The payload of a control frame is at most
/// `kControlPayloadMax` bytes.
void appendFrame(std::string& out, Opcode opcode, std::string_view payload);

/// Appends a close frame. `reason` is cut to what fits (123 bytes), between two characters.
void appendClose(std::string& out, std::uint16_t code, std::string_view reason);

/// The payload of the first of `frames`, which are whole and unmasked, as appendFrame() made them;
/// takes it away from them. Nothing when there is none.
std::string_view takeFrame(std::string_view& frames);

/// Whether a peer may put this code into a close frame (RFC 6455, section 7.4).
bool isCloseCodeAllowed(std::uint16_t code);

}  // namespace syncline::wire
