// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "core/clock.h"
#include "settings/settings.h"

namespace syncline::app {

/// What a drain has done, in this order, and what it looks at meanwhile. Implemented by the server.
/// [control thread]
class DrainSteps {
public:
    virtual ~DrainSteps() = default;

    /// From now on /readyz says 503; everything is taken as before.
    virtual void beUnready() = 0;

    /// From now on no connection is accepted, no WebSocket is read, a request is answered 1502.
    virtual void refuseNew() = 0;

    /// Clients with messages that have not been answered, or whose answers have not all left.
    virtual std::size_t clientsWaiting() = 0;

    /// Refuses new ops, and has those that were taken committed and answered.
    virtual void commitLast() = 0;
    virtual bool isCommitted() = 0;

    /// Answers 1502 to messages that are under way still, unsettled.
    virtual void giveUp() = 0;

    /// Makes the list of all who are to be sent away: how many.
    virtual std::size_t lineUp() = 0;

    /// Sends the next `count` of that list away.
    virtual void sendAway(std::size_t count) = 0;

    /// Connections that have not taken their last bytes, or not closed their side.
    virtual std::size_t connectionsLeaving() = 0;

    /// Events that their pipelines have not been told of, or are being told.
    virtual std::size_t eventsLeft() = 0;
};

/// The order in which a running server stops serving, and how long each step may take:
///
///     not ready -> notice -> refuse -> calls -> last commit, acks -> goodbyes, paced -> events
///                            |-- of server.drain_timeout: ½ -------- ¾ ----------------- all
///
/// A step that is not done in its time is cut short and named in the log; the next ones have theirs
/// all the same. A shard that stands still holds any of them up: who supervises the process ends
/// it. Lives on the control thread's stack.
class Drain {
public:
    /// `pause` lets time pass, milliseconds of `clock`.
    Drain(const settings::DrainSettings& settings, std::int64_t timeoutMs, const core::Clock& clock,
          DrainSteps& steps, std::function<void(std::int64_t)> pause,
          std::shared_ptr<spdlog::logger> log);

    /// Returns when all is done, or time is over.
    void run();

private:
    void giveNotice();
    void endCalls();
    void endCommits();
    void sendAllAway();
    void seeOff();
    bool waitUntil(std::int64_t endMs, const std::function<bool()>& done) const;
    std::int64_t nowMs() const { return clock_.steadyMs(); }

    const settings::DrainSettings& settings_;
    const std::int64_t timeoutMs_;
    const core::Clock& clock_;
    DrainSteps& steps_;
    const std::function<void(std::int64_t)> pause_;
    const std::shared_ptr<spdlog::logger> log_;  ///< shared: spdlog hands loggers out that way
    std::int64_t beganMs_ = 0;                   ///< behind the notice
};

}  // namespace syncline::app
