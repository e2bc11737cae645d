// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/frame_decoder.h"
#include "wire/http_parser.h"

namespace syncline::gateway {

/// Limits of requests under /api.
struct ApiSettings {
    std::int64_t deadlineMs = 10'000;  ///< for the messages of a request to be settled
    std::size_t messagesMax = 128;     ///< in one request
    std::size_t depthMax = 32;         ///< of a body's JSON
    std::size_t cursorsMax = 64;       ///< in one request
    std::size_t responseBytesMax = 4U << 20;
    std::size_t opsMax = 1'000;          ///< of a log in one answer
    std::size_t eventChannelsMax = 16;   ///< of one stream of events
    std::int64_t eventRetryMs = 2'000;   ///< told to clients whose stream of events ends
    std::int64_t ticketLifeMs = 30'000;  ///< until a ticket must be used
    std::size_t ticketsMax = 10'000;     ///< not used yet
};

/// Limits of a connection, whatever it speaks.
struct GatewaySettings {
    wire::HttpLimits http;
    wire::FrameDecoder::Limits frames;
    std::int64_t handshakeMs = 10'000;  ///< from the connection to its first whole header
    std::int64_t headerMs = 10'000;     ///< from the first byte of a later header to its end
    std::int64_t bodyMs = 30'000;       ///< from the header's end to the body's
    std::int64_t idleMs = 60'000;       ///< between two requests
    std::int64_t closeMs = 3'000;       ///< for the peer to take the last bytes
    ApiSettings api;
};

}  // namespace syncline::gateway
