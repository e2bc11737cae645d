// SPDX-License-Identifier: Apache-2.0
#include "gateway/routes.h"

#include <array>
#include <optional>
#include <string>

#include "gateway/api_error.h"
#include "gateway/page.h"

namespace syncline::gateway {

namespace {

constexpr std::string_view kSocketPath = "/ws";
constexpr std::string_view kRealtimePath = "/api/realtime";

wire::HttpResponse health(const std::optional<std::string>& trouble) {
    json::Value body = json::Value::object();
    body.set("status", trouble ? "unavailable" : "ok");
    if (trouble) body.set("reason", *trouble);
    return jsonResponse(trouble ? 503 : 200, body);
}

wire::HttpResponse status(const ServerView& server) {
    return jsonResponse(200, server.describe());
}

wire::HttpResponse pageFile(const PageFile& file) {
    wire::HttpResponse response;
    response.contentType = file.contentType;
    response.body = file.body;
    response.headers.push_back(
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
         "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; "
         "frame-ancestors 'none'"});
    return response;
}

std::optional<wire::HttpResponse> get(std::string_view path, const ServerView& server) {
    if (path == "/healthz") return health(server.unhealthy());
    if (path == "/readyz") return health(server.notReady());
    if (path == kRealtimePath) return status(server);
    for (const PageFile& file : pageFiles()) {
        if (path == file.path) return pageFile(file);
    }
    return std::nullopt;
}

}  // namespace

bool isSocketPath(std::string_view path) {
    return path == kSocketPath || path == kRealtimePath;
}

wire::HttpResponse answerTo(const wire::HttpRequest& request, const ServerView& server,
                            const ListenerPolicy& /*policy*/) {
    if (request.path == kSocketPath) {
        wire::HttpResponse response = problem(426, "this path speaks WebSocket only");
        response.headers.push_back({"Upgrade", "websocket"});
        response.headers.push_back({"Connection", "Upgrade"});
        return response;
    }
    auto found = get(request.path, server);
    if (!found) return problem(404, "there is nothing at this path");
    if (request.method == "GET" || request.method == "HEAD") return std::move(*found);
    wire::HttpResponse response = problem(405, "only GET and HEAD are answered here");
    response.headers.push_back({"Allow", "GET, HEAD"});
    return response;
}

}  // namespace syncline::gateway
