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

/// One Origin, and it is the server's own or in the list. "null", by which a browser hides where it
/// comes from, is a stranger.
bool isNamed(const wire::HttpRequest& request, const std::vector<std::string>& origins) {
    if (request.count("Origin") != 1) return false;
    const std::string_view origin = *request.find("Origin");
    const auto host = request.find("Host");
    const std::string_view authority = authorityOf(origin);
    if (!authority.empty() && host && wire::equalsIgnoringCase(authority, *host)) return true;
    return std::any_of(origins.begin(), origins.end(), [&](const std::string& allowed) {
        return wire::equalsIgnoringCase(allowed, origin);
    });
}

}  // namespace

bool isOriginAllowed(const wire::HttpRequest& request, const std::vector<std::string>& origins) {
    const std::size_t count = request.count("Origin");
    if (count == 0 || isNamed(request, origins)) return true;
    return count == 1 && std::find(origins.begin(), origins.end(), "*") != origins.end();
}

bool mayUseCookies(const wire::HttpRequest& request, const std::vector<std::string>& origins) {
    if (request.count("Origin") > 0) return isNamed(request, origins);
    return request.count("Sec-Fetch-Site") == 1 && *request.find("Sec-Fetch-Site") == "same-origin";
}

}  // namespace syncline::gateway
