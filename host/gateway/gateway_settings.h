// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/frame_decoder.h"
#include "wire/http_parser.h"

namespace syncline::gateway {

/// Limits of a connection, whatever it speaks.
struct GatewaySettings {
    wire::HttpLimits http;
    wire::FrameDecoder::Limits frames;
    std::int64_t handshakeMs = 10'000;  ///< from the connection to its first whole header
    std::int64_t headerMs = 10'000;     ///< from the first byte of a later header to its end
    std::int64_t bodyMs = 30'000;       ///< from the header's end to the body's
    std::int64_t idleMs = 60'000;       ///< between two requests
    std::int64_t closeMs = 3'000;       ///< for the peer to take the last bytes
};

}  // namespace syncline::gateway
