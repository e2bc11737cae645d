// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "wire/http_request.h"

namespace syncline::gateway {

/// What a request shows of who sends it: all that authentication gets to see.
struct Shown {
    std::string authorization;
    std::string cookie;
    std::string address;  ///< of the peer, without its port
};

/// Cookies come along by themselves, also with what a foreign page asks for: such a request shows
/// none. Whether its Origin is allowed at all is looked at before.
Shown shownBy(const wire::HttpRequest& request, std::string peer);

/// `192.0.2.1:40000` -> `192.0.2.1`, `[::1]:40000` -> `::1`
std::string withoutPort(std::string peer);

}  // namespace syncline::gateway
