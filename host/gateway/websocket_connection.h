// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/gateway.h"
#include "net/connection.h"
#include "session/session.h"
#include "session/transport.h"
#include "wire/frame_decoder.h"

namespace syncline::gateway {

/// A connection after its upgrade: frames in, frames out, and the session of the client between.
/// Owned by its connection; [its shard].
///
///     bytes -> FrameDecoder -> Session -> … -> Session -> frame -> outbox of the connection
class WebSocketConnection final : public net::ConnectionHandler,
                                  private wire::FrameSink,
                                  private session::Transport {
public:
    WebSocketConnection(const Gateway& gateway, const ListenerPolicy& policy,
                        net::Connection& connection, session::Credentials credentials);

    std::size_t onBytes(std::span<char> bytes) override;
    void onDrained() override;

private:
    // wire::FrameSink
    Next onMessage(wire::Opcode opcode, std::string_view payload) override;
    Next onPing(std::string_view payload) override;
    Next onPong(std::string_view payload) override;
    void onClose(std::uint16_t code, std::string_view reason) override;

    // session::Transport
    bool send(std::string_view message) override;
    bool sendFrames(const core::SharedBytes& frames) override;
    std::size_t roomBytes() const override;
    bool hold(std::size_t bytes) override;
    void release(std::size_t bytes) override;
    void ping() override;
    void pauseReading() override;
    void resumeReading() override;
    void close(session::CloseCode code, std::string_view reason) override;
    void goAway(const core::Error& draining) override;
    std::size_t outboxBytes() const override { return connection_.outboxBytes(); }
    std::string_view name() const override;
    std::string_view address() const override { return address_; }
    std::string_view authorization() const override;
    std::string_view cookie() const override;
    std::string_view traceparent() const override { return greeting_.traceparent; }

    /// What only authentication and the log ask for.
    struct Greeting {
        std::string authorization;
        std::string cookie;  ///< its value
        std::string traceparent;
    };

    Next next() const;
    /// `last` is a frame to go before the close.
    void finish(std::uint16_t code, std::string_view reason, std::string last = {});

    const Gateway& gateway_;
    net::Connection& connection_;
    const std::string address_;
    const Greeting greeting_;
    wire::FrameDecoder decoder_;
    bool finishing_ = false;
    session::Session session_;  ///< last: it uses all of the above until its end
};

}  // namespace syncline::gateway
