// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "core/timer_wheel.h"
#include "gateway/api_decision.h"
#include "gateway/api_route.h"
#include "gateway/gateway.h"
#include "gateway/request_session.h"
#include "net/connection.h"
#include "wire/http_parser.h"
#include "wire/http_response.h"

namespace syncline::gateway {

/// A connection while it speaks HTTP: reads one request after another, answers each from the
/// routes, and hands the connection over when a request upgrades it. Every wait has a time limit.
/// Owned by its connection; [its shard].
///
///     handshake -> header -> body -> answer -> idle -> header -> …
///                     |-> session -> answer: nothing is read meanwhile
///                     \-> upgrade: WebSocketConnection, EventStream
class HttpConnection final : public net::ConnectionHandler {
public:
    HttpConnection(const Gateway& gateway, const ListenerPolicy& policy,
                   net::Connection& connection);
    ~HttpConnection() override;
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;

    std::size_t onBytes(std::span<char> bytes) override;

private:
    enum class Wait { handshake, header, body, idle };

    void await(Wait wait);
    void onDeadline();
    /// What became of a request.
    enum class Served {
        answered,
        later,       ///< its session answers
        handedOver,  ///< the connection speaks HTTP no more
    };

    Served serve();
    Served upgrade();
    Served serveApi(const ApiRoute& route);
    Served startSession(ApiDecision decision);
    Served serveAdmin();
    void backUp();
    void onAnswer(wire::HttpResponse response);
    void next();
    void respond(wire::HttpResponse response);
    void respondAndClose(int status, std::string_view reason);
    void respondAndClose(wire::HttpResponse response);

    const Gateway& gateway_;
    const ListenerPolicy& policy_;
    net::Connection& connection_;
    core::Shard& shard_;
    wire::HttpParser parser_;
    Wait wait_ = Wait::handshake;
    core::TimerWheel::Id deadline_;
    std::unique_ptr<RequestSession> session_;  ///< of the request that waits for its answer
    /// Shared with what answers later, which may outlive this object.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace syncline::gateway
