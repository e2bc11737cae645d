// SPDX-License-Identifier: Apache-2.0
// The part of Session that sends signals and says who is present.
#include <algorithm>
#include <utility>

#include "broadcast/user_signals.h"
#include "json/write.h"
#include "session/answer_text.h"
#include "session/concealing.h"
#include "session/session.h"
#include "wire/frame.h"
#include "wire/message.h"

namespace syncline::session {

namespace {

using Kind = channel::PresenceChange::Kind;

/// What a request says of the sender's presence; who it is, is not in it.
core::Result<channel::PresenceChange> changeOf(const json::Value& request) {
    channel::PresenceChange change;
    if (const json::Value* state = request.find("state")) {
        change.kind = state->isNull() ? Kind::leave : Kind::enter;
        if (!state->isNull()) change.state = json::toText(*state);
    }
    const json::Value* by = request.find("by");
    if (by == nullptr) return change;
    const bool known = by->isString() && (by->asString() == "user" || by->asString() == "session");
    if (!known) return core::fail(core::Code::badField, "by: \"user\" or \"session\" is needed");
    change.byUser = by->asString() == "user";
    return change;
}

}  // namespace

bool Mailbox::deliverSignal(const broadcast::Signal& signal) {
    return !session_.closing() && session_.wire().sendFrames(signal.frames);
}

core::Result<broadcast::Signal> Session::signalOf(std::string_view type, std::string_view channel,
                                                  const json::Value* body) const {
    if (state_ != State::open) return core::fail(core::Code::forbidden, "open a session first");
    const std::string text = signalText(type, channel, *author_, body);
    if (text.size() > context_.settings.signalBytesMax) {
        return core::fail(core::Code::tooLarge,
                          "at most " + std::to_string(context_.settings.signalBytesMax) +
                              " bytes can be sent in this way");
    }
    std::string frame;
    wire::appendFrame(frame, wire::Opcode::text, text);
    return broadcast::Signal{core::share(std::move(frame)), asSender()};
}

core::Result<void> Session::signalChannel(std::string_view channel, std::string_view type,
                                          const json::Value* body, SignalAnswer answer) {
    if (auto valid = wire::checkName(channel); !valid) return core::fail(valid.error());
    auto signal = signalOf(type, channel, body);
    if (!signal) return core::fail(signal.error());
    context_.directory.signal(context_.shard, std::string(channel), std::move(*signal),
                              [answer = std::move(answer)](core::Result<void> outcome) mutable {
                                  if (!outcome) return answer(core::fail(outcome.error()));
                                  answer(json::Value::object());
                              });
    return {};
}

core::Result<void> Session::signalUser(std::string_view user, std::string_view type,
                                       const json::Value* body, SignalAnswer answer) {
    if (auto valid = wire::checkName(user); !valid) return core::fail(valid.error());
    if (context_.userSignals == nullptr) {
        return core::fail(core::Code::notConfigured, "users are not reached on this server");
    }
    auto signal = signalOf(type, {}, body);
    if (!signal) return core::fail(signal.error());
    context_.userSignals->send(context_.shard, std::string(user), std::move(*signal),
                               [answer = std::move(answer)](std::size_t connections) mutable {
                                   json::Value told = json::Value::object();
                                   told.set("connections", connections);
                                   answer(std::move(told));
                               });
    return {};
}

core::Result<void> Session::presence(pipeline::CallId id, const json::Value& request) {
    const pipeline::Call* call = context_.runner.find(id);
    if (call == nullptr) return core::fail(core::Code::internal, "the call has ended");
    if (!transport_.twoWay()) {
        return core::fail(core::Code::notOnThisTransport, "presence needs a WebSocket");
    }
    const std::string channel = call->message.channel;
    const auto found = subscriptions_.find(channel);
    if (found == subscriptions_.end()) {
        return core::fail(core::Code::notSubscribed, "not subscribed to this channel");
    }
    auto change = changeOf(request);
    if (!change) return core::fail(change.error());
    change->author = *author_;
    change->session = asSender();
    change->silent = call->message.id.isNull();
    Subscription& here = *found->second;
    const bool present =
        change->kind == Kind::enter || (change->kind == Kind::look && here.attendance().present);
    const Subscription::Attendance before = here.attendance();
    here.setAttendance({present, change->kind != Kind::leave});
    context_.directory.presence(context_.shard, channel, std::move(*change),
                                [&context = context_, id, channel, before, session = number_,
                                 number = here.number()](std::vector<std::string> bodies) {
                                    Session* asker = context.find(session);
                                    if (asker == nullptr) return;
                                    Subscription* there = asker->findSubscription(channel, number);
                                    const bool failed = !bodies.empty() && isError(bodies.front());
                                    if (there != nullptr && failed) there->setAttendance(before);
                                    asker->answerBodies(id, std::move(bodies));
                                });
    return {};
}

void Session::push(std::vector<std::string> bodies) {
    if (state_ == State::closing) return;
    if (auto held = hold(bodies); !held) {
        return close(CloseCode::slowConsumer, "answers are not taken");
    }
    for (std::string& body : bodies) {
        const std::size_t held = body.size();
        unsent_.push_back({std::move(body), held});
    }
    sendUnsent();
}

void Session::answerBodies(pipeline::CallId id, std::vector<std::string> bodies) {
    const pipeline::Call* call = context_.runner.find(id);
    if (call == nullptr) return;
    if (call->conceals) std::ranges::transform(bodies, bodies.begin(), concealed);
    if (auto held = hold(bodies); !held) {
        context_.runner.refuse(id, held.error());
        return;
    }
    for (std::string& body : bodies) {
        const std::size_t held = body.size();
        spliceId(body, call->message.id);
        unsent_.push_back({std::move(body), held});
    }
    sendUnsent();
    context_.runner.complete(id, pipeline::Outcome::stop);
}

core::Result<void> Session::hold(const std::vector<std::string>& bodies) {
    std::size_t bytes = 0;
    for (const std::string& body : bodies) bytes += body.size();
    const std::size_t bytesMax = context_.settings.answerBytesMax;
    if (bytes > bytesMax) {
        return core::fail(core::Code::tooLarge,
                          "the answer has more than " + std::to_string(bytesMax) + " bytes");
    }
    if (unsentBytes_ + bytes > bytesMax || !transport_.hold(bytes)) {
        return core::fail(core::Code::memoryExhausted, "too many answers wait to be taken");
    }
    unsentBytes_ += bytes;
    return {};
}

void Session::dropUnsent() {
    unsent_.clear();
    transport_.release(std::exchange(unsentBytes_, 0));
}

void Session::sendUnsent() {
    while (!unsent_.empty() && state_ != State::closing) {
        if (!transport_.send(unsent_.front().body)) break;
        unsentBytes_ -= unsent_.front().held;
        transport_.release(unsent_.front().held);
        unsent_.pop_front();
    }
    throttle();
}

}  // namespace syncline::session
