// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin_routes.h"

#include <string>

#include "gateway/api_error.h"
#include "gateway/origin_policy.h"

namespace syncline::gateway {

namespace {

constexpr std::string_view kMetricsPath = "/metrics";
constexpr std::string_view kStatsPath = "/api/stats";
constexpr std::string_view kBackupPath = "/api/backup";

wire::HttpResponse wrongMethod(std::string_view allowed) {
    wire::HttpResponse response =
        problem(405, "only " + std::string(allowed) + " is answered here");
    response.headers.push_back({"Allow", std::string(allowed)});
    return response;
}

std::optional<wire::HttpResponse> answerBackup(const wire::HttpRequest& request) {
    if (request.method != "POST") return wrongMethod("POST");
    // Browsers write one in every POST, those of the same origin too; programs write none. So no
    // page fills the disk, whatever name it gave this server in its DNS.
    if (request.find("Origin")) return problem(403, "no page may ask for a backup");
    if (!request.parameter("storage")) {
        return problem(400, "which storage? ask for /api/backup?storage=NAME");
    }
    return std::nullopt;
}

}  // namespace

bool isAdminPath(std::string_view path) {
    return path == kMetricsPath || path == kStatsPath || path == kBackupPath;
}

bool wantsBackup(const wire::HttpRequest& request) {
    return request.path == kBackupPath;
}

std::optional<wire::HttpResponse> answerAdmin(const wire::HttpRequest& request,
                                              const ListenerPolicy& policy, const AdminView& view) {
    if (wantsBackup(request)) return answerBackup(request);
    if (request.method != "GET" && request.method != "HEAD") return wrongMethod("GET, HEAD");
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
