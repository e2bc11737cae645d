// SPDX-License-Identifier: Apache-2.0
#include "gateway/http_connection.h"

#include <memory>
#include <utility>

#include "gateway/admin_routes.h"
#include "gateway/api_decision.h"
#include "gateway/api_error.h"
#include "gateway/cors.h"
#include "gateway/credentials.h"
#include "gateway/event_stream.h"
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
        const Served served = serve();
        if (served == Served::handedOver) break;
        if (served == Served::later) {
            connection_.pauseReading();
            break;
        }
        next();
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

void HttpConnection::next() {
    parser_.reset();
    await(Wait::idle);
}

HttpConnection::Served HttpConnection::serve() {
    const wire::HttpRequest& request = parser_.request();
    if (hasTokenInUrl(request)) {
        respondAndClose(400, "a token in a URL ends up in logs: send it as a header or a message");
        return Served::answered;
    }
    if (wire::wantsWebSocket(request) && isSocketPath(request.path)) return upgrade();
    if (policy_.admin && gateway_.admin != nullptr && isAdminPath(request.path)) {
        return serveAdmin();
    }
    if (const auto route = policy_.api ? apiRouteOf(request) : std::nullopt) {
        return serveApi(*route);
    }
    respond(answerTo(request, gateway_.server, policy_));
    return Served::answered;
}

HttpConnection::Served HttpConnection::serveApi(const ApiRoute& route) {
    const wire::HttpRequest& request = parser_.request();
    ApiDecision decision = decide(request, route, policy_, gateway_, connection_.peerAddress());
    switch (decision.kind) {
        case ApiDecision::Kind::answer:
            respond(std::move(decision.answer));
            return Served::answered;
        case ApiDecision::Kind::session:
            return startSession(std::move(decision));
        case ApiDecision::Kind::events:
            shard_.timers().stop(deadline_);
            connection_.replaceHandler(std::make_unique<EventStream>(gateway_, policy_, connection_,
                                                                     request, std::move(decision)));
            return Served::handedOver;
    }
    return Served::answered;
}

HttpConnection::Served HttpConnection::serveAdmin() {
    auto answer = answerAdmin(parser_.request(), policy_, *gateway_.admin);
    if (answer) {
        respond(std::move(*answer));
        return Served::answered;
    }
    shard_.timers().stop(deadline_);
    if (wantsBackup(parser_.request())) {
        backUp();
        return Served::later;
    }
    gateway_.admin->stats(shard_,
                          [this, alive = std::weak_ptr<bool>(alive_)](const json::Value& stats) {
                              if (!alive.expired()) onAnswer(jsonResponse(200, stats));
                          });
    return Served::later;
}

void HttpConnection::backUp() {
    // It may be answered at once, and then nothing of this request is left behind the answer.
    shard_.postAlways([this, alive = std::weak_ptr<bool>(alive_),
                       storage = *parser_.request().parameter("storage")] {
        if (alive.expired()) return;
        gateway_.admin->backUp(shard_, storage, [this, alive](core::Result<json::Value> done) {
            if (alive.expired()) return;
            onAnswer(done ? jsonResponse(200, *done) : errorResponse(done.error()));
        });
    });
}

HttpConnection::Served HttpConnection::startSession(ApiDecision decision) {
    shard_.timers().stop(deadline_);
    auto finish = std::move(decision.plan.finish);
    session_ = std::make_unique<RequestSession>(
        gateway_.shards.of(shard_.index()), *policy_.auth, gateway_.settings.api, decision.plan,
        std::move(decision.shown),
        [this, finish = std::move(finish)](RequestOutcome outcome) mutable {
            onAnswer(outcome.refused ? errorResponse(*outcome.refused) : finish(outcome));
        });
    return Served::later;
}

void HttpConnection::onAnswer(wire::HttpResponse response) {
    session_.reset();
    allowOrigin(parser_.request(), policy_, response);
    respond(std::move(response));
    next();
    if (connection_.isOpen()) connection_.resumeReading();
}

HttpConnection::Served HttpConnection::upgrade() {
    const wire::HttpRequest& request = parser_.request();
    if (!isOriginAllowed(request, policy_.origins)) {
        respondAndClose(403, "this origin is not allowed");
        return Served::answered;
    }
    if (const auto error = gateway_.server.refusal()) {
        respondAndClose(errorResponse(*error));
        return Served::answered;
    }
    const auto handshake = wire::checkUpgrade(request);
    if (!handshake) {
        respond(handshake.error().response());
        connection_.closeAfterFlush(gateway_.settings.closeMs);
        return Served::answered;
    }
    auto credentials = credentialsOf(request, policy_, connection_.peerAddress());
    if (!credentials) {
        respondAndClose(credentials.error().status, credentials.error().reason);
        return Served::answered;
    }
    std::string head;
    wire::appendSwitchingProtocols(head, *handshake);
    connection_.send(head);
    connection_.replaceHandler(std::make_unique<WebSocketConnection>(gateway_, policy_, connection_,
                                                                     std::move(*credentials)));
    return Served::handedOver;
}

void HttpConnection::respond(wire::HttpResponse response) {
    const wire::HttpRequest& request = parser_.request();
    // Who has an answer from a server that goes down is not kept waiting for the end of it.
    response.keepAlive = response.keepAlive && request.keepAlive && !gateway_.server.isDraining();
    response.headOnly = request.method == "HEAD";
    response.wallMs = shard_.clock().wallMs();
    std::string bytes;
    wire::appendResponse(bytes, response);
    const net::SendStatus sent = connection_.send(bytes);
    if (sent == net::SendStatus::overLimit) {
        return respondAndClose(503, "the answer is larger than the outbox has room for");
    }
    const bool goesOn = sent == net::SendStatus::queued && response.keepAlive;
    if (!goesOn) connection_.closeAfterFlush(gateway_.settings.closeMs);
}

void HttpConnection::respondAndClose(int status, std::string_view reason) {
    respondAndClose(problem(status, reason));
}

void HttpConnection::respondAndClose(wire::HttpResponse response) {
    response.keepAlive = false;
    response.wallMs = shard_.clock().wallMs();
    std::string bytes;
    wire::appendResponse(bytes, response);
    connection_.closeAfterFlush(gateway_.settings.closeMs, bytes);
}

}  // namespace syncline::gateway
