// SPDX-License-Identifier: Apache-2.0
#include "gateway/cors.h"

#include <algorithm>
#include <string>

namespace syncline::gateway {

void allowOrigin(const wire::HttpRequest& request, const ListenerPolicy& policy,
                 wire::HttpResponse& response) {
    response.headers.push_back({"Vary", "Origin, Authorization, Cookie"});
    const auto origin = request.find("Origin");
    if (!origin) return;
    const bool named = std::ranges::any_of(policy.origins, [&](const std::string& allowed) {
        return wire::equalsIgnoringCase(allowed, *origin);
    });
    const bool any = std::ranges::find(policy.origins, "*") != policy.origins.end();
    if (!named && !any) return;
    response.headers.push_back({"Access-Control-Allow-Origin", named ? std::string(*origin) : "*"});
    if (named) response.headers.push_back({"Access-Control-Allow-Credentials", "true"});
    response.headers.push_back({"Access-Control-Expose-Headers", "ETag, Retry-After"});
}

wire::HttpResponse preflight(std::string_view methods) {
    wire::HttpResponse response;
    response.status = 204;
    response.headers.push_back({"Allow", std::string(methods)});
    response.headers.push_back({"Access-Control-Allow-Methods", std::string(methods)});
    response.headers.push_back({"Access-Control-Allow-Headers",
                                "Authorization, Content-Type, Idempotency-Key, If-None-Match, "
                                "Last-Event-ID, Syncline-Client"});
    response.headers.push_back({"Access-Control-Max-Age", "600"});
    return response;
}

}  // namespace syncline::gateway
