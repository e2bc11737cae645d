// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "core/shared_bytes.h"

namespace syncline::session {

/// WebSocket close codes of the protocol, beyond the registered ones.
enum class CloseCode : std::uint16_t {
    normal = 1000,
    goingAway = 1001,
    abnormal = 1006,  ///< never sent: the peer went without a word
    tooBig = 1009,
    restart = 1012,
    draining = 4001,
    slowConsumer = 4002,
    noPong = 4003,
    tokenExpired = 4004,
    badProtocol = 4501,
    notAuthenticated = 4502,
    forbidden = 4503,
    replaced = 4504,
};

/// How a session reaches its client. Implemented by the gateway, which owns the session as well, so
/// it outlives it. [its shard]
class Transport {
public:
    virtual ~Transport() = default;

    /// One message to the client. False: its outbox, or the server's total, is full; nothing of it
    /// was queued.
    [[nodiscard]] virtual bool send(std::string_view message) = 0;

    /// Messages that were encoded once for many, as whole frames. False as above.
    [[nodiscard]] virtual bool sendFrames(const core::SharedBytes& frames) = 0;

    /// How much the outbox takes before it is full.
    virtual std::size_t roomBytes() const = 0;

    /// Counts what waits outside of the outbox against the server's total. False: there is no room
    /// for it, and it was not counted.
    [[nodiscard]] virtual bool hold(std::size_t bytes) {
        static_cast<void>(bytes);
        return true;
    }
    virtual void release(std::size_t bytes) { static_cast<void>(bytes); }

    /// Asks the client for a sign of life.
    virtual void ping() = 0;

    /// No message is read any more until resumeReading(); what was read already still arrives.
    virtual void pauseReading() = 0;
    virtual void resumeReading() = 0;

    /// Tells the client, flushes and closes. The session gets nothing more but its end.
    virtual void close(CloseCode code, std::string_view reason) = 0;

    /// The same for a server that goes down: `draining` says why, and when to come back.
    virtual void goAway(const core::Error& draining) {
        close(CloseCode::draining, draining.reason);
    }

    /// Whether the client can send at any time and gets what is pushed: the one connection that it
    /// has. Others carry one request, or pushes alone, and may stand beside it.
    virtual bool twoWay() const { return true; }

    /// Whether what nobody asked for reaches the client too.
    virtual bool takesPushes() const { return true; }

    /// Something that the client waited for has ended, maybe without a word.
    virtual void onProgress() {}

    /// What waits for the client to take it.
    virtual std::size_t outboxBytes() const { return 0; }

    virtual std::string_view name() const = 0;     ///< "ws", …
    virtual std::string_view address() const = 0;  ///< of the peer, without its port
    virtual std::string_view authorization() const = 0;
    virtual std::string_view cookie() const = 0;

    /// Of the request that it began with, checked; empty: it had none.
    virtual std::string_view traceparent() const { return {}; }
};

}  // namespace syncline::session
