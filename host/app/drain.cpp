// SPDX-License-Identifier: Apache-2.0
#include "app/drain.h"

#include <algorithm>
#include <utility>

#include "app/pace.h"

namespace syncline::app {

namespace {

constexpr std::int64_t kPauseMs = 10;

}  // namespace

Drain::Drain(const settings::DrainSettings& settings, std::int64_t timeoutMs,
             const core::Clock& clock, DrainSteps& steps, std::function<void(std::int64_t)> pause,
             std::shared_ptr<spdlog::logger> log)
    : settings_(settings),
      timeoutMs_(timeoutMs),
      clock_(clock),
      steps_(steps),
      pause_(std::move(pause)),
      log_(std::move(log)) {}

void Drain::run() {
    giveNotice();
    beganMs_ = nowMs();
    steps_.refuseNew();
    endCalls();
    endCommits();
    sendAllAway();
    seeOff();
}

void Drain::giveNotice() {
    steps_.beUnready();
    if (settings_.noticeMs == 0) return;
    log_->info("not ready any more; what comes is taken for another {} ms", settings_.noticeMs);
    waitUntil(nowMs() + settings_.noticeMs, [] { return false; });
}

void Drain::endCalls() {
    const std::int64_t limitMs = std::min(settings_.callsMs, timeoutMs_ / 2);
    if (waitUntil(beganMs_ + limitMs, [this] { return steps_.clientsWaiting() == 0; })) return;
    log_->warn("{} clients have not been answered within {} ms (drain.calls)",
               steps_.clientsWaiting(), limitMs);
}

// Also what did not come to an end in its stages: it is told so before it is sent away.
void Drain::endCommits() {
    steps_.commitLast();
    const std::int64_t endMs = beganMs_ + timeoutMs_ / 4 * 3;
    if (!waitUntil(endMs, [this] { return steps_.isCommitted(); })) {
        log_->warn("a storage has not committed within {} ms", nowMs() - beganMs_);
    }
    if (steps_.clientsWaiting() != 0) steps_.giveUp();
}

void Drain::sendAllAway() {
    const std::size_t count = steps_.lineUp();
    // The last ones need time to close, too.
    const std::int64_t leftMs = std::max<std::int64_t>(0, beganMs_ + timeoutMs_ - nowMs());
    const Pace pace(count, settings_.perSecond, nowMs(), nowMs() + leftMs / 4 * 3);
    log_->info("{} clients are told to go", count);
    if (pace.hurries()) {
        log_->warn(
            "{} a second (drain.per_second) are too few within server.drain_timeout: "
            "it goes faster",
            settings_.perSecond);
    }
    for (std::size_t told = 0; told < count;) {
        const std::size_t due = pace.due(nowMs());
        if (due > told) steps_.sendAway(due - told);
        told = due;
        if (told < count) pause_(kPauseMs);
    }
}

void Drain::seeOff() {
    const std::int64_t endMs = beganMs_ + timeoutMs_;
    if (!waitUntil(endMs, [this] { return steps_.connectionsLeaving() == 0; })) {
        log_->warn("{} connections are cut off", steps_.connectionsLeaving());
    }
    if (!waitUntil(endMs, [this] { return steps_.eventsLeft() == 0; })) {
        log_->warn("{} events are dropped", steps_.eventsLeft());
    }
}

bool Drain::waitUntil(std::int64_t endMs, const std::function<bool()>& done) const {
    while (!done()) {
        const std::int64_t leftMs = endMs - nowMs();
        if (leftMs <= 0) return false;
        pause_(std::min(kPauseMs, leftMs));
    }
    return true;
}

}  // namespace syncline::app
