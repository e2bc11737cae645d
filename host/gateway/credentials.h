// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "gateway/listener_policy.h"
#include "session/auth_provider.h"
#include "wire/http_request.h"

namespace syncline::gateway {

/// What a client is told whose credentials cannot be read.
struct CredentialsRefusal {
    int status;
    std::string_view reason;
};

/// What a request shows of who sends it: its Authorization header, the listener's cookie if the
/// request's origin may use it, and the peer's address. `peer` is an address with a port. The
/// message's token, the client's id and the time are for the caller to add;
/// session::authenticate() makes a principal of the whole.
tl::expected<session::Credentials, CredentialsRefusal> credentialsOf(
    const wire::HttpRequest& request, const ListenerPolicy& policy, std::string peer);

/// Whether the query has a parameter in which others put tokens. URLs are written to logs, to
/// histories and into Referer headers, so no token is taken from one.
bool hasTokenInUrl(const wire::HttpRequest& request);

}  // namespace syncline::gateway
