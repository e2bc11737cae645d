// SPDX-License-Identifier: Apache-2.0
#include "gateway/origin_policy.h"

#include <algorithm>
#include <string_view>

namespace syncline::gateway {

namespace {

/// `https://example.com:8443` -> `example.com:8443`
std::string_view authorityOf(std::string_view origin) {
    const std::size_t scheme = origin.find("://");
    return scheme == std::string_view::npos ? std::string_view() : origin.substr(scheme + 3);
}

}  // namespace

bool isOriginAllowed(const wire::HttpRequest& request, const std::vector<std::string>& origins) {
    const auto origin = request.find("Origin");
    if (!origin) return true;
    // Two Origins, or "null": a browser that hides where it comes from is a stranger.
    if (request.count("Origin") != 1) return false;
    const auto host = request.find("Host");
    const std::string_view authority = authorityOf(*origin);
    if (!authority.empty() && host && wire::equalsIgnoringCase(authority, *host)) return true;
    return std::any_of(origins.begin(), origins.end(), [&](const std::string& allowed) {
        return allowed == "*" || wire::equalsIgnoringCase(allowed, *origin);
    });
}

}  // namespace syncline::gateway
