// SPDX-License-Identifier: Apache-2.0
#include "session/subscription.h"

#include <algorithm>
#include <utility>

#include "session/session.h"

namespace syncline::session {

Subscription::Subscription(Session& session, std::string channel, std::uint64_t number)
    : session_(session), channel_(std::move(channel)), number_(number) {}

Subscription::~Subscription() {
    leaveTopic();
}

void Subscription::begin(channel::SubscribeRequest request,
                         core::UniqueFunction<void(core::Result<std::string>)> answered) {
    request_ = std::move(request);
    answered_ = std::move(answered);
    ask();
}

void Subscription::ask() {
    phase_ = Phase::asking;
    ShardContext& context = session_.context();
    request_.roomBytes = std::min(session_.wire().roomBytes(), context.settings.catchUpRoomBytes);
    context.directory.subscribe(context.shard, request_,
                                [&context, session = session_.number(), channel = channel_,
                                 number = number_](core::Result<channel::CatchUp> answer) {
                                    Session* asker = context.find(session);
                                    Subscription* here =
                                        asker == nullptr ? nullptr
                                                         : asker->findSubscription(channel, number);
                                    if (here != nullptr) return here->take(std::move(answer));
                                    // Whoever asked is gone; the home counts them as a subscriber
                                    // all the same.
                                    if (answer && answer->live)
                                        context.directory.leave(context.shard, channel);
                                });
}

void Subscription::take(core::Result<channel::CatchUp> answer) {
    if (!answer) return refuse(std::move(answer.error()));
    request_.cursor = answer->reached;
    for (core::SharedBytes& frames : answer->frames) frames_.push_back(std::move(frames));
    // In the topic from this moment, so that no chunk is missed; chunks that arrive while frames
    // are still waiting make it fall behind and ask again.
    if (answer->live) session_.context().topics.add(channel_, *this, membership_);
    becomesLive_ = answer->live;
    phase_ = Phase::sending;
    if (answered_) {
        // The answer settles the call, and what waited behind it may end this very subscription.
        Session& session = session_;
        const std::string channel = channel_;
        const std::uint64_t number = number_;
        auto answered = std::exchange(answered_, {});
        answered(std::move(answer->subscribed));
        if (session.findSubscription(channel, number) != this) return;
    } else if (resyncing_) {
        session_.send(answer->subscribed);
    }
    resyncing_ = false;
    if (!session_.closing()) sendFrames();
}

void Subscription::refuse(core::Error error) {
    Session& session = session_;
    const std::string channel = channel_;
    const std::uint64_t number = number_;
    if (answered_) {
        auto answered = std::exchange(answered_, {});
        answered(core::fail(std::move(error)));
    } else {
        // A flow that had begun ends: the client is told, and subscribes again when it likes.
        session.pushError(channel, error);
    }
    if (session.findSubscription(channel, number) == this) session.forget(channel);
}

void Subscription::stop() {
    leaveTopic();
    frames_.clear();
}

void Subscription::sendFrames() {
    while (!frames_.empty()) {
        if (!session_.wire().sendFrames(frames_.front())) return;
        frames_.pop_front();
    }
    if (becomesLive_) {
        phase_ = Phase::live;
    } else {
        ask();
    }
}

void Subscription::deliver(const broadcast::Chunk& chunk) {
    if (phase_ != Phase::live || !session_.wire().sendFrames(chunk.frames)) {
        return fallBehind();
    }
    request_.cursor->epoch = chunk.epoch;
    request_.cursor->seq = chunk.lastSeq;
    request_.cursor->sum = chunk.lastSum;
}

void Subscription::fallBehind() {
    leaveTopic();
    if (phase_ == Phase::live) {
        phase_ = Phase::lagging;
        resyncing_ = true;
        return;
    }
    // Frames are left. What follows them is asked for when they have gone, so the last of them,
    // which says that nothing is missing, would be untrue.
    becomesLive_ = false;
    frames_.pop_back();
}

void Subscription::onRoom() {
    if (phase_ == Phase::sending) return sendFrames();
    if (phase_ == Phase::lagging) ask();
}

void Subscription::leaveTopic() {
    if (!membership_.active()) return;
    session_.context().topics.remove(membership_);
    session_.context().directory.leave(session_.context().shard, channel_);
}

}  // namespace syncline::session
