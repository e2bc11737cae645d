// SPDX-License-Identifier: Apache-2.0
// The part of Session that subscribes.
#include <utility>

#include "session/answer_text.h"
#include "session/session.h"
#include "wire/message.h"
#include "wire/reply.h"

namespace syncline::session {

namespace {

core::Result<std::uint64_t> optionalNumber(const json::Value& object, std::string_view name) {
    const json::Value* member = object.find(name);
    if (member == nullptr) return 0;
    const auto number = member->toInteger();
    if (!number || *number < 0) {
        return core::fail(core::Code::badField,
                          std::string(name) + ": a whole number from 0 is needed");
    }
    return static_cast<std::uint64_t>(*number);
}

core::Result<std::string> optionalText(const json::Value& object, std::string_view name) {
    const json::Value* member = object.find(name);
    if (member == nullptr) return std::string();
    if (!member->isString()) {
        return core::fail(core::Code::badField, std::string(name) + ": a string is needed");
    }
    return std::string(member->asString());
}

core::Result<bool> optionalFlag(const json::Value& object, std::string_view name) {
    const json::Value* member = object.find(name);
    if (member == nullptr) return false;
    if (!member->isBool()) {
        return core::fail(core::Code::badField, std::string(name) + ": true or false is needed");
    }
    return member->asBool();
}

core::Result<std::optional<channel::Cursor>> cursorOf(const json::Value& request) {
    const json::Value* member = request.find("cursor");
    if (member == nullptr || member->isNull()) return std::nullopt;
    if (!member->isObject()) {
        return core::fail(core::Code::badField, "cursor: an object is needed");
    }
    channel::Cursor cursor;
    auto epoch = optionalText(*member, "epoch");
    auto seq = optionalNumber(*member, "seq");
    auto sum = optionalText(*member, "sum");
    if (!epoch) return core::fail(epoch.error());
    if (!seq) return core::fail(seq.error());
    if (!sum) return core::fail(sum.error());
    cursor.epoch = std::move(*epoch);
    cursor.seq = *seq;
    cursor.sum = std::move(*sum);
    return cursor;
}

}  // namespace

core::Result<void> Session::subscribe(pipeline::CallId id, const json::Value& message) {
    const pipeline::Call* call = context_.runner.find(id);
    if (call == nullptr) return core::fail(core::Code::internal, "the call has ended");
    const std::string channel = call->message.channel;
    if (auto valid = wire::checkName(channel); !valid) return core::fail(valid.error());
    auto cursor = cursorOf(message);
    auto done = optionalNumber(message, "done");
    auto born = optionalNumber(message, "born");
    if (!cursor) return core::fail(cursor.error());
    if (!done) return core::fail(done.error());
    if (!born) return core::fail(born.error());
    auto present = optionalFlag(message, "presence");
    if (!present) return core::fail(present.error());
    // Who subscribes anew stays where they are.
    Subscription::Attendance attendance{*present, *present};
    if (const auto older = subscriptions_.find(channel); older != subscriptions_.end()) {
        const Subscription::Attendance was = older->second->attendance();
        older->second->setAttendance({});
        attendance = {was.present || *present, was.watches || *present};
    }
    endSubscription(channel);
    if (subscriptions_.size() >= context_.settings.subscriptionsMax) {
        return core::fail(core::Code::tooManySubscriptions,
                          "a session may have " +
                              std::to_string(context_.settings.subscriptionsMax) +
                              " subscriptions");
    }
    channel::SubscribeRequest request;
    request.channel = channel;
    request.cursor = std::move(*cursor);
    request.author = author_;
    request.done = *done;
    request.bornMs = static_cast<std::int64_t>(*born);
    auto subscription = std::make_unique<Subscription>(*this, channel, ++lastSubscription_);
    Subscription& placed = *subscription;
    placed.setAttendance(attendance);
    subscriptions_.emplace(channel, std::move(subscription));
    placed.begin(std::move(request),
                 [this, id](core::Result<std::string> body) { onSubscribed(id, std::move(body)); });
    return {};
}

void Session::onSubscribed(pipeline::CallId id, core::Result<std::string> body) {
    pipeline::Call* call = context_.runner.find(id);
    // Even when the call has timed out: the client can use the subscription, which exists now.
    static const json::Value kNoId;
    const json::Value& re = call == nullptr ? kNoId : call->message.id;
    if (body) {
        tellSubscribed(*body);
        spliceId(*body, re);
        send(*body);
        if (call != nullptr) context_.runner.complete(id, pipeline::Outcome::stop);
    } else if (call != nullptr) {
        context_.runner.refuse(id, body.error());
    }
}

core::Result<void> Session::unsubscribe(std::string_view channel) {
    if (!subscriptions_.contains(channel)) {
        return core::fail(core::Code::notSubscribed, "not subscribed to this channel");
    }
    endSubscription(channel);
    return {};
}

void Session::endSubscription(std::string_view channel) {
    const auto found = subscriptions_.find(channel);
    if (found == subscriptions_.end()) return;
    found->second->endPresence(false);
    subscriptions_.erase(found);
}

void Session::pushError(std::string_view channel, const core::Error& error) {
    std::string text;
    wire::appendError(text, json::Value(), error, channel);
    context_.figures.countError(error.code);
    send(text);
}

Subscription* Session::findSubscription(std::string_view channel, std::uint64_t number) {
    const auto found = subscriptions_.find(channel);
    if (found == subscriptions_.end() || found->second->number() != number) return nullptr;
    return found->second.get();
}

}  // namespace syncline::session
