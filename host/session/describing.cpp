// SPDX-License-Identifier: Apache-2.0
// The part of Session that is for those who watch the server.
#include "session/session.h"

namespace syncline::session {

void Session::onPong() {
    if (pinged_) {
        roundTripUs_ = (context_.shard.clock().steadyNs() - pingedNs_) / 1'000;
    }
    onAlive();
}

void Session::countEnd(CloseCode code) {
    const std::size_t place = SessionFigures::placeOf(static_cast<std::uint16_t>(code));
    context_.figures.of(transport_.name()).ended[place].add(1);
}

Session::Description Session::describe() const {
    Description told;
    told.id = id_;
    told.user = author_.user;
    told.transport = transport_.name();
    told.address = transport_.address();
    told.subscriptions = subscriptions_.size();
    told.underWay = underWay_;
    told.outboxBytes = transport_.outboxBytes();
    told.ageMs = context_.shard.nowMs() - beganMs_;
    told.roundTripUs = roundTripUs_;
    told.open = state_ == State::open;
    told.paused = paused_;
    return told;
}

}  // namespace syncline::session
