// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "gateway/listener_policy.h"
#include "wire/http_request.h"
#include "wire/http_response.h"

namespace syncline::gateway {

/// Lets a page of an allowed origin read the answer (Fetch Standard, section 3.2). The origin has
/// been found allowed already. An origin that `*` lets in gets no cookies.
void allowOrigin(const wire::HttpRequest& request, const ListenerPolicy& policy,
                 wire::HttpResponse& response);

/// The answer to OPTIONS. `methods`: what the path takes, as in `Allow`.
wire::HttpResponse preflight(std::string_view methods);

}  // namespace syncline::gateway
