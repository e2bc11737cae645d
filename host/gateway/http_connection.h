// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/timer_wheel.h"
#include "gateway/gateway.h"
#include "net/connection.h"
#include "wire/http_parser.h"
#include "wire/http_response.h"

namespace syncline::gateway {

/// A connection while it speaks HTTP: reads one request after another, answers each from the
/// routes, and hands the connection over when a request upgrades it. Every wait has a time limit.
/// Owned by its connection; [its shard].
///
///     handshake -> header -> body -> answer -> idle -> header -> …
///                     \-> upgrade: WebSocketConnection
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
    /// True: the connection speaks HTTP no more.
    bool serve();
    bool upgrade();
    void respond(wire::HttpResponse response);
    void respondAndClose(int status, std::string_view reason);

    const Gateway& gateway_;
    const ListenerPolicy& policy_;
    net::Connection& connection_;
    core::Shard& shard_;
    wire::HttpParser parser_;
    Wait wait_ = Wait::handshake;
    core::TimerWheel::Id deadline_;
};

}  // namespace syncline::gateway
