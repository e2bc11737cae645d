// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "wire/http_request.h"

namespace syncline::gateway {

/// Whether a page of the request's Origin (RFC 6454) may talk to this server: no Origin (no
/// browser), the server's own origin, or one that the listener names.
bool isOriginAllowed(const wire::HttpRequest& request, const std::vector<std::string>& origins);

/// Whether the request came from a page that may use the credentials which a browser adds by
/// itself: one of the server's own origin, or of an origin that the listener names ("*" names
/// nobody). Without an Origin, which browsers leave out of a page's own GETs, Sec-Fetch-Site must
/// say that it is the server's own.
bool mayUseCookies(const wire::HttpRequest& request, const std::vector<std::string>& origins);

}  // namespace syncline::gateway
