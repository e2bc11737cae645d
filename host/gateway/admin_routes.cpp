// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin_routes.h"

#include "gateway/api_error.h"
#include "gateway/origin_policy.h"

namespace syncline::gateway {

namespace {

constexpr std::string_view kMetricsPath = "/metrics";
constexpr std::string_view kStatsPath = "/api/stats";

}  // namespace

bool isAdminPath(std::string_view path) {
    return path == kMetricsPath || path == kStatsPath;
}

std::optional<wire::HttpResponse> answerAdmin(const wire::HttpRequest& request,
                                              const ListenerPolicy& policy, const AdminView& view) {
    if (request.method != "GET" && request.method != "HEAD") {
        wire::HttpResponse response = problem(405, "only GET and HEAD are answered here");
        response.headers.push_back({"Allow", "GET, HEAD"});
        return response;
    }
    // No page of another site reads what a browser on this machine could reach.
    if (!isOriginAllowed(request, policy.origins)) {
        return problem(403, "this origin is not allowed");
    }
    if (request.path == kStatsPath) return std::nullopt;
    wire::HttpResponse response;
    response.contentType = "text/plain; version=0.0.4; charset=utf-8";
    response.body = view.metrics();
    return response;
}

}  // namespace syncline::gateway
