// SPDX-License-Identifier: Apache-2.0
#include "session/subscription.h"

#include <algorithm>
#include <utility>

#include "session/answer_text.h"
#include "session/session.h"
#include "wire/frame.h"

namespace syncline::session {

namespace {

/// Until a home that was busy is asked again.
constexpr std::int64_t kAskAgainMs = 200;

}  // namespace

Subscription::Subscription(Session& session, std::string channel, std::uint64_t number)
    : session_(session), channel_(std::move(channel)), number_(number) {
    session_.context().figures.subscriptions.add(1);
}

Subscription::~Subscription() {
    session_.context().figures.subscriptions.subtract(1);
    leaveTopic();
    session_.context().shard.timers().stop(askTimer_);
    endPresence(true);
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
    request_.conflate = conflating_;
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
    count(answer->mode);
    request_.cursor = answer->reached;
    slowConsumer_ = answer->slowConsumer;
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
    } else if ((resyncing_ || conflating_) && !answer->subscribed.empty()) {
        // In front of the frames, and like them as there is room: no answer is due, so a client
        // that cannot take it yet is not closed.
        std::string frame;
        wire::appendFrame(frame, wire::Opcode::text, answer->subscribed);
        frames_.push_front(core::share(std::move(frame)));
    }
    resyncing_ = false;
    if (!session_.closing()) sendFrames();
}

// What goes on in the middle of a catch-up is part of the one that it began with.
void Subscription::count(channel::CatchUpMode mode) {
    SessionFigures& figures = session_.context().figures;
    if (answered_) figures.subscribed.add(1);
    const bool recovers = resyncing_ || conflating_ || (answered_ && request_.cursor);
    if (recovers) figures.recoveries[static_cast<std::size_t>(mode)].add(1);
}

void Subscription::refuse(core::Error error) {
    if (!answered_ && error.code == core::Code::busy) return askLater(error);
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

void Subscription::askLater(const core::Error& busy) {
    phase_ = Phase::lagging;
    ShardContext& context = session_.context();
    const std::int64_t delayMs = busy.retryAfterMs != 0 ? busy.retryAfterMs : kAskAgainMs;
    context.shard.timers().stop(askTimer_);
    askTimer_ = context.shard.timers().start(context.shard.nowMs(), delayMs, [this] {
        if (phase_ == Phase::lagging && !session_.closing()) ask();
    });
}

void Subscription::stop() {
    leaveTopic();
    frames_.clear();
    endPresence(true);
}

void Subscription::sendFrames() {
    while (!frames_.empty()) {
        if (!session_.wire().sendFrames(frames_.front())) return;
        frames_.pop_front();
    }
    if (!becomesLive_) return ask();
    phase_ = Phase::live;
    conflating_ = false;
    if (attendance_.present || attendance_.watches) lookAround();
}

// From here on the session is told of every change of who is there: of the list it has to begin
// with, the home answers behind what it told before.
void Subscription::lookAround() {
    using Kind = channel::PresenceChange::Kind;
    ShardContext& context = session_.context();
    channel::PresenceChange change;
    change.kind = attendance_.present ? Kind::enter : Kind::look;
    change.author = session_.author();
    change.session = session_.asSender();
    context.directory.presence(context.shard, channel_, std::move(change),
                               [&context, session = session_.number(), channel = channel_,
                                number = number_](std::vector<std::string> bodies) {
                                   Session* asker = context.find(session);
                                   Subscription* here =
                                       asker == nullptr ? nullptr
                                                        : asker->findSubscription(channel, number);
                                   if (here == nullptr) return;
                                   // A member it may be all the same, from before: that has to end
                                   // with this.
                                   if (isError(bodies.front())) here->attendance_.watches = false;
                                   asker->push(std::move(bodies));
                               });
}

void Subscription::endPresence(bool mayReturn) {
    if (!std::exchange(attendance_, {}).present) return;
    using Kind = channel::PresenceChange::Kind;
    channel::PresenceChange change;
    change.kind = mayReturn ? Kind::depart : Kind::leave;
    change.author = session_.author();
    change.session = session_.asSender();
    session_.context().directory.presence(session_.context().shard, channel_, std::move(change),
                                          {});
}

void Subscription::deliver(const broadcast::Chunk& chunk) {
    if (chunk.frames->empty()) return startOver();
    if (phase_ != Phase::live || !session_.wire().sendFrames(chunk.frames)) {
        return fallBehind();
    }
    request_.cursor->epoch = chunk.epoch;
    request_.cursor->seq = chunk.lastSeq;
    request_.cursor->sum = chunk.lastSum;
}

bool Subscription::deliverSignal(const broadcast::Signal& signal) {
    if (phase_ != Phase::live || signal.sender == session_.asSender()) return false;
    if (session_.wire().sendFrames(signal.frames)) return true;
    fallBehind();
    return false;
}

void Subscription::fallBehind() {
    leaveTopic();
    conflating_ = slowConsumer_ == channel::SlowConsumer::conflate;
    if (phase_ == Phase::live) {
        phase_ = Phase::lagging;
        resyncing_ = true;
        session_.context().figures.slow[static_cast<std::size_t>(slowConsumer_)].add(1);
        if (slowConsumer_ == channel::SlowConsumer::disconnect)
            session_.close(CloseCode::slowConsumer, "updates are not taken");
        return;
    }
    // Frames are left. What follows them is asked for when they have gone, so the last of them,
    // which says that nothing is missing, would be untrue.
    becomesLive_ = false;
    frames_.pop_back();
}

// What is missing cannot be pushed. Nobody is to blame: the policy for the slow is not asked.
void Subscription::startOver() {
    leaveTopic();
    if (phase_ != Phase::live) {
        becomesLive_ = false;
        frames_.pop_back();
        return;
    }
    phase_ = Phase::lagging;
    resyncing_ = true;
    if (!session_.closing()) ask();
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
