// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "json/value.h"
#include "session/session.h"
#include "session/transport.h"

namespace syncline::simulation {

/// One connection of a client: both directions of it, and the session at its far end. Each keeps
/// its order until it breaks, as TCP does. Owned by the network.
class Link final : public session::Transport {
public:
    /// What is under way to the client: a message, or the end.
    struct Down {
        json::Value message;
        std::size_t bytes = 0;
        int closeCode = 0;  ///< not 0: the end
    };
    using OnDown = std::function<void(Link&, std::string_view text)>;

    Link(std::uint64_t itsNumber, std::size_t itsClient, std::size_t itsShard,
         std::size_t outboxBytesMax, OnDown onDown, std::function<void(Link&)> onChange)
        : number(itsNumber),
          client(itsClient),
          shard(itsShard),
          outboxBytesMax_(outboxBytesMax),
          onDown_(std::move(onDown)),
          onChange_(std::move(onChange)) {}

    // session::Transport
    bool send(std::string_view message) override;
    bool sendFrames(const core::SharedBytes& frames) override;
    std::size_t roomBytes() const override {
        return outboxBytes_ >= outboxBytesMax_ ? 0 : outboxBytesMax_ - outboxBytes_;
    }
    void ping() override {
        pinged = true;
        onChange_(*this);
    }
    void pauseReading() override { paused = true; }
    void resumeReading() override {
        paused = false;
        onChange_(*this);
    }
    void close(session::CloseCode code, std::string_view reason) override;
    std::size_t outboxBytes() const override { return outboxBytes_; }
    std::string_view name() const override { return "virtual"; }
    std::string_view address() const override { return "192.0.2.1"; }
    std::string_view authorization() const override { return {}; }
    std::string_view cookie() const override { return {}; }

    /// The client has taken the next one. Answers whether the outbox has room again.
    bool taken();

    const std::uint64_t number;
    const std::size_t client;
    const std::size_t shard;
    std::unique_ptr<session::Session> session;  ///< null: the far end has gone
    bool heldByClient = true;                   ///< it looks at what comes
    std::deque<std::string> up;
    std::deque<Down> down;
    std::int64_t upFromUs = 0;  ///< nothing arrives before
    std::int64_t downFromUs = 0;
    bool upDead = false;  ///< swallows everything
    bool downDead = false;
    bool upDue = false;  ///< an arrival is scheduled
    bool downDue = false;
    bool paused = false;
    bool pinged = false;
    bool ending = false;  ///< the server has said goodbye
    bool endDue = false;  ///< and lets go of it soon

private:
    const std::size_t outboxBytesMax_;
    const OnDown onDown_;
    const std::function<void(Link&)> onChange_;
    std::size_t outboxBytes_ = 0;
};

}  // namespace syncline::simulation
