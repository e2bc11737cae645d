// SPDX-License-Identifier: Apache-2.0
#include "gateway/api_route.h"

#include <vector>

namespace syncline::gateway {

std::string_view ApiRoute::methods() const {
    switch (kind) {
        case Kind::events:
            return "GET, OPTIONS";
        case Kind::ticket:
            return "POST, OPTIONS";
        case Kind::channel:
        case Kind::ops:
        case Kind::conflicts:
            return "GET, HEAD, OPTIONS";
        case Kind::realtime:
        case Kind::record:
            return "GET, HEAD, POST, OPTIONS";
    }
    return {};
}

bool ApiRoute::takes(std::string_view method) const {
    std::string_view rest = methods();
    while (!rest.empty()) {
        const std::size_t comma = rest.find(", ");
        if (rest.substr(0, comma) == method) return true;
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 2);
    }
    return false;
}

std::optional<ApiRoute> apiRouteOf(const wire::HttpRequest& request) {
    using Kind = ApiRoute::Kind;
    if (!request.path.starts_with("/api/") || request.rawPath.ends_with('/')) return std::nullopt;
    const std::vector<std::string> parts = request.segments();
    if (parts.size() < 2 || parts[0] != "api") return std::nullopt;
    if (parts[1] == "realtime") {
        if (parts.size() == 2) return ApiRoute{Kind::realtime, {}, {}};
        if (parts.size() == 3 && parts[2] == "events") return ApiRoute{Kind::events, {}, {}};
        if (parts.size() == 3 && parts[2] == "ticket") return ApiRoute{Kind::ticket, {}, {}};
        return std::nullopt;
    }
    if (parts[1] != "channels") return std::nullopt;
    if (parts.size() == 3) return ApiRoute{Kind::channel, parts[2], {}};
    if (parts.size() == 4 && parts[3] == "ops") return ApiRoute{Kind::ops, parts[2], {}};
    if (parts.size() == 4 && parts[3] == "conflicts")
        return ApiRoute{Kind::conflicts, parts[2], {}};
    if (parts.size() == 5 && parts[3] == "records")
        return ApiRoute{Kind::record, parts[2], parts[4]};
    return std::nullopt;
}

}  // namespace syncline::gateway
