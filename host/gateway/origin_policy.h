// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "wire/http_request.h"

namespace syncline::gateway {

/// Whether a page of the request's Origin (RFC 6454) may talk to this server: no Origin (no
/// browser), the server's own origin, or one that the listener names.
bool isOriginAllowed(const wire::HttpRequest& request, const std::vector<std::string>& origins);

}  // namespace syncline::gateway
