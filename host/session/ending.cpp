// SPDX-License-Identifier: Apache-2.0
// The part of Session about what ends it: a word of the server, a deadline, silence.
#include <algorithm>

#include "session/session.h"

namespace syncline::session {

void Session::close(CloseCode code, std::string_view reason) {
    if (state_ == State::closing) return;
    beginClosing(code, reason);
    transport_.close(code, reason);
}

void Session::goAway(const core::Error& draining) {
    if (state_ == State::closing) return;
    beginClosing(CloseCode::draining, draining.reason);
    transport_.goAway(draining);
}

void Session::beginClosing(CloseCode code, std::string_view reason) {
    state_ = State::closing;
    countEnd(code, reason);
    waiting_.clear();
    // Not destroyed yet: it may be a subscription whose frames did not fit that brought us here.
    for (const auto& entry : subscriptions_) entry.second->stop();
    context_.runner.cancel(*this);
}

void Session::stopReading() {
    if (state_ == State::closing) return;
    readingEnded_ = true;
    paused_ = true;
    transport_.pauseReading();
}

void Session::watchHello() {
    helloTimer_ =
        context_.shard.timers().start(context_.shard.nowMs(), context_.settings.helloMs, [this] {
            if (state_ != State::opening) return;
            close(CloseCode::notAuthenticated, "no session was opened in time");
        });
}

void Session::watchExpiry() {
    context_.shard.timers().stop(expiryTimer_);
    if (principal_->expiresAtMs == 0) return;
    const std::int64_t left =
        std::max<std::int64_t>(0, principal_->expiresAtMs - context_.shard.clock().wallMs());
    expiryTimer_ = context_.shard.timers().start(context_.shard.nowMs(), left, [this] {
        close(CloseCode::tokenExpired, "the token has expired");
    });
}

void Session::watchLife(std::int64_t delayMs) {
    lifeTimer_ =
        context_.shard.timers().start(context_.shard.nowMs(), delayMs, [this] { checkLife(); });
}

void Session::checkLife() {
    if (state_ == State::closing) return;
    const SessionSettings& settings = context_.settings;
    // Who is not read cannot show that they live.
    if (paused_) return watchLife(settings.pongMs);
    const std::int64_t silentMs = context_.shard.nowMs() - lastAliveMs_;
    if (silentMs < settings.heartbeatMs) return watchLife(settings.heartbeatMs - silentMs);
    if (pinged_) return close(CloseCode::noPong, "no sign of life");
    pinged_ = true;
    pingedNs_ = context_.shard.clock().steadyNs();
    transport_.ping();
    watchLife(settings.pongMs);
}

}  // namespace syncline::session
