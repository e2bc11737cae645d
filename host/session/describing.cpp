// SPDX-License-Identifier: Apache-2.0
// The part of Session that is for those who watch the server.
#include <string>
#include <utility>

#include "json/parse.h"
#include "json/write.h"
#include "session/session.h"

namespace syncline::session {

void Session::onPong() {
    if (pinged_) {
        roundTripUs_ = (context_.shard.clock().steadyNs() - pingedNs_) / 1'000;
    }
    onAlive();
}

void Session::countEnd(CloseCode code, std::string_view reason) {
    const auto number = static_cast<std::uint16_t>(code);
    context_.figures.of(transport_.name()).ended[SessionFigures::placeOf(number)].add(1);
    if (id_.empty() || !transport_.takesPushes()) return;
    if (context_.log->should_log(spdlog::level::debug)) {
        const observe::KnownSubject subject(aboutThis());
        const observe::LogScope scope(subject);
        context_.log->debug("disconnected: {} {}", number, reason);
    }
    using channel::EventKind;
    if (context_.events == nullptr || !context_.events->wants(EventKind::disconnected)) return;
    json::Value body = eventBody();
    body.set("code", number);
    body.set("reason", reason);
    body.set("lastedMs", context_.shard.nowMs() - beganMs_);
    context_.events->take(EventKind::disconnected, std::move(body));
}

// The session of one request is no connection.
void Session::tellBegin() {
    if (!transport_.takesPushes()) return;
    if (context_.log->should_log(spdlog::level::debug)) {
        const observe::KnownSubject subject(aboutThis());
        const observe::LogScope scope(subject);
        context_.log->debug("connected: user '{}' from {} by {}", author_->user,
                            transport_.address(), transport_.name());
    }
    using channel::EventKind;
    if (context_.events == nullptr || !context_.events->wants(EventKind::connected)) return;
    context_.events->take(EventKind::connected, eventBody());
}

void Session::tellSubscribed(std::string_view subscribed) const {
    using channel::EventKind;
    if (context_.events == nullptr || !context_.events->wants(EventKind::subscribed)) return;
    const auto answer = json::parse(subscribed);
    if (!answer || !transport_.takesPushes()) return;
    json::Value body = eventBody();
    for (const char* name : {"channel", "epoch", "seq", "mode"}) {
        if (const json::Value* member = answer->find(name)) body.set(name, member->clone());
    }
    context_.events->take(EventKind::subscribed, std::move(body));
}

json::Value Session::eventBody() const {
    json::Value body = json::Value::object();
    body.set("connection", std::to_string(context_.shard.index()) + "." + std::to_string(number_));
    body.set("session", id_);
    body.set("user", author_->user);
    body.set("origin", author_->origin);
    body.set("transport", transport_.name());
    body.set("address", transport_.address());
    return body;
}

void Session::describe(observe::LogContext& context) const {
    context.connection = std::to_string(context_.shard.index()) + "." + std::to_string(number_);
    context.session = id_;
    context.traceparent = transport_.traceparent();
}

observe::LogContext Session::aboutThis() const {
    observe::LogContext context;
    describe(context);
    return context;
}

void Session::logRefusal(const wire::ClientMessage& message, const core::Error& error) const {
    if (!context_.log->should_log(spdlog::level::debug)) return;
    observe::LogContext about = aboutThis();
    if (message.id.isString()) about.message = message.id.asString();
    if (message.id.isNumber()) about.message = json::toText(message.id);
    if (!message.traceparent.empty()) about.traceparent = message.traceparent;
    const observe::KnownSubject subject(std::move(about));
    const observe::LogScope scope(subject);
    context_.log->debug("refused '{}': {} {}", message.type, static_cast<int>(error.code),
                        error.reason);
}

Session::Description Session::describe() const {
    Description told;
    told.id = id_;
    told.user = author_->user;
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
