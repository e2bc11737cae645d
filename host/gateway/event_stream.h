// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "gateway/api_decision.h"
#include "gateway/event_cursors.h"
#include "gateway/gateway.h"
#include "net/connection.h"
#include "session/session.h"
#include "session/transport.h"
#include "wire/http_request.h"
#include "wire/http_response.h"

namespace syncline::gateway {

/// A connection that is a stream of server-sent events (HTML Standard, section 9.2): what a
/// WebSocket would push, one message an event, each with the cursors of all channels as its id.
/// Owned by its connection; [its shard].
///
///     entering -> joining: no channel has answered yet, so that a refusal is still a status
///              -> streaming -> over
class EventStream final : public net::ConnectionHandler, private session::Transport {
public:
    EventStream(const Gateway& gateway, const ListenerPolicy& policy, net::Connection& connection,
                const wire::HttpRequest& request, ApiDecision decision);

    /// A client that only listens has nothing to say.
    std::size_t onBytes(std::span<char> bytes) override { return bytes.size(); }
    void onDrained() override;

private:
    enum class Stage { entering, joining, streaming, over };

    // session::Transport
    bool send(std::string_view message) override;
    bool sendFrames(const core::SharedBytes& frames) override;
    std::size_t roomBytes() const override;
    void ping() override;
    void pauseReading() override {}
    void resumeReading() override {}
    void close(session::CloseCode code, std::string_view reason) override;
    void goAway(const core::Error& draining) override;
    bool hold(std::size_t bytes) override { return connection_.hold(bytes); }
    void release(std::size_t bytes) override { connection_.release(bytes); }
    bool twoWay() const override { return false; }
    std::size_t outboxBytes() const override { return connection_.outboxBytes(); }
    std::string_view name() const override { return "sse"; }
    std::string_view address() const override { return shown_.address; }
    std::string_view authorization() const override { return shown_.authorization; }
    std::string_view cookie() const override { return shown_.cookie; }
    std::string_view traceparent() const override { return shown_.traceparent; }

    void begin(std::string client, std::optional<TicketHolder> holder);
    void onEntered(core::Result<void> entered);
    bool openStream();
    void refuse(const core::Error& error);
    void end(session::CloseCode code, std::string_view reason, std::uint32_t retryAfterMs);

    const Gateway& gateway_;
    net::Connection& connection_;
    const session::Credentials shown_;
    wire::HttpResponse head_;
    Stage stage_ = Stage::entering;
    EventCursors cursors_;
    std::string early_;  ///< refusals of channels, as long as no other has answered
    std::size_t refusals_ = 0;
    std::uint64_t sentBytes_ = 0;  ///< as of the last sign of life that was asked for
    session::Session session_;     ///< last: it uses all of the above until its end
};

}  // namespace syncline::gateway
