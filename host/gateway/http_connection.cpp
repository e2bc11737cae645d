// SPDX-License-Identifier: Apache-2.0
#include "gateway/http_connection.h"

#include <memory>
#include <utility>

#include "gateway/credentials.h"
#include "gateway/origin_policy.h"
#include "gateway/routes.h"
#include "gateway/websocket_connection.h"
#include "net/reactor.h"
#include "wire/handshake.h"

namespace syncline::gateway {

HttpConnection::HttpConnection(const Gateway& gateway, const ListenerPolicy& policy,
                               net::Connection& connection)
    : gateway_(gateway),
      policy_(policy),
      connection_(connection),
      shard_(connection.reactor()),
      parser_(gateway.settings.http) {
    await(Wait::handshake);
}

HttpConnection::~HttpConnection() {
    shard_.timers().stop(deadline_);
}

std::size_t HttpConnection::onBytes(std::span<char> bytes) {
    std::size_t consumed = 0;
    while (consumed < bytes.size()) {
        if (wait_ == Wait::idle) await(Wait::header);
        const auto outcome = parser_.feed({bytes.data() + consumed, bytes.size() - consumed});
        consumed += outcome.consumed;
        if (outcome.state == wire::HttpParser::State::failed) {
            respondAndClose(outcome.status, outcome.reason);
            return bytes.size();
        }
        if (outcome.state == wire::HttpParser::State::needMore) {
            if (parser_.takeExpectContinue()) connection_.send(wire::continueResponse());
            if (parser_.isHeaderDone() && wait_ != Wait::body) await(Wait::body);
            break;
        }
        if (serve()) break;
        parser_.reset();
        await(Wait::idle);
        if (!connection_.isOpen()) return bytes.size();
    }
    return consumed;
}

void HttpConnection::await(Wait wait) {
    wait_ = wait;
    const GatewaySettings& settings = gateway_.settings;
    std::int64_t limitMs = settings.handshakeMs;
    if (wait == Wait::header) limitMs = settings.headerMs;
    if (wait == Wait::body) limitMs = settings.bodyMs;
    if (wait == Wait::idle) limitMs = settings.idleMs;
    shard_.timers().stop(deadline_);
    deadline_ = shard_.timers().start(shard_.nowMs(), limitMs, [this] { onDeadline(); });
}

void HttpConnection::onDeadline() {
    // Between two requests nobody waits for an answer.
    if (wait_ == Wait::idle) return connection_.closeAfterFlush(gateway_.settings.closeMs);
    respondAndClose(408, "the request was not complete in time");
}

bool HttpConnection::serve() {
    if (hasTokenInUrl(parser_.request())) {
        respondAndClose(400, "a token in a URL ends up in logs: send it as a header or a message");
        return false;
    }
    if (wire::wantsWebSocket(parser_.request()) && isSocketPath(parser_.request().path)) {
        return upgrade();
    }
    respond(answerTo(parser_.request(), gateway_.server, policy_));
    return false;
}

bool HttpConnection::upgrade() {
    const wire::HttpRequest& request = parser_.request();
    if (!isOriginAllowed(request, policy_.origins)) {
        respondAndClose(403, "this origin is not allowed");
        return false;
    }
    if (const auto reason = gateway_.server.notReady()) {
        respondAndClose(503, *reason);
        return false;
    }
    const auto handshake = wire::checkUpgrade(request);
    if (!handshake) {
        respond(handshake.error().response());
        connection_.closeAfterFlush(gateway_.settings.closeMs);
        return false;
    }
    auto credentials = credentialsOf(request, policy_, connection_.peerAddress());
    if (!credentials) {
        respondAndClose(credentials.error().status, credentials.error().reason);
        return false;
    }
    std::string head;
    wire::appendSwitchingProtocols(head, *handshake);
    connection_.send(head);
    connection_.replaceHandler(std::make_unique<WebSocketConnection>(gateway_, policy_, connection_,
                                                                     std::move(*credentials)));
    return true;
}

void HttpConnection::respond(wire::HttpResponse response) {
    const wire::HttpRequest& request = parser_.request();
    response.keepAlive = response.keepAlive && request.keepAlive;
    response.headOnly = request.method == "HEAD";
    response.wallMs = shard_.clock().wallMs();
    std::string bytes;
    wire::appendResponse(bytes, response);
    const bool sent = connection_.send(bytes) == net::SendStatus::queued;
    if (!sent || !response.keepAlive) connection_.closeAfterFlush(gateway_.settings.closeMs);
}

void HttpConnection::respondAndClose(int status, std::string_view reason) {
    wire::HttpResponse response = problem(status, reason);
    response.keepAlive = false;
    response.wallMs = shard_.clock().wallMs();
    std::string bytes;
    wire::appendResponse(bytes, response);
    connection_.send(bytes);
    connection_.closeAfterFlush(gateway_.settings.closeMs);
}

}  // namespace syncline::gateway
