// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "session/auth_chain.h"

namespace syncline::gateway {

/// What one listener allows. Immutable; owned by the generation.
struct ListenerPolicy {
    std::string name;
    std::vector<std::string> origins;  ///< allowed besides the same origin; "*" is all
    std::string cookie;                ///< the one that may hold a token; empty: none
    const session::AuthChain* auth = nullptr;
    bool api = true;     ///< whether REST and events are served beside the WebSocket
    bool admin = false;  ///< whether it tells about the server
};

}  // namespace syncline::gateway
