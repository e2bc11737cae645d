// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "wire/http_request.h"
#include "wire/http_response.h"

namespace syncline::wire {

inline constexpr std::string_view kSubprotocol = "syncline.v1";

/// What an accepted upgrade is answered with.
struct Handshake {
    std::string accept;       ///< Sec-WebSocket-Accept
    std::string subprotocol;  ///< empty: none was offered that we speak
};

/// Why an upgrade is refused; response() has the headers that the status asks for.
struct HandshakeRefusal {
    int status = 400;
    std::string_view reason;  ///< a literal, one sentence

    HttpResponse response() const;
};

/// Whether the request asks for a WebSocket at all, rightly or wrongly.
bool wantsWebSocket(const HttpRequest& request);

/// Checks a WebSocket upgrade (RFC 6455, section 4.2.1): 426 for another version, 405 for another
/// method, otherwise 400.
tl::expected<Handshake, HandshakeRefusal> checkUpgrade(const HttpRequest& request);

/// The Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string acceptFor(std::string_view key);

/// Appends the `101 Switching Protocols`.
void appendSwitchingProtocols(std::string& out, const Handshake& handshake);

}  // namespace syncline::wire
