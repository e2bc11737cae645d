// SPDX-License-Identifier: Apache-2.0
// The part of Session for transports that carry one request, or pushes alone: no greeting opens it,
// and somebody waits until it is settled.
#include <algorithm>
#include <utility>

#include "session/authentication.h"
#include "session/session.h"

namespace syncline::session {

void Session::enter(std::string client, core::UniqueFunction<void(core::Result<void>)> done) {
    Credentials shown;
    shown.client = client;
    shown.authorization = transport_.authorization();
    shown.cookie = transport_.cookie();
    shown.address = transport_.address();
    shown.nowMs = context_.shard.clock().wallMs();
    // Through the inbox, because a provider may answer at once, inside the call that asks.
    authenticate(
        context_.shard, auth_, std::move(shown), context_.log,
        "request " + std::to_string(number_) + " from " + std::string(transport_.address()),
        [&context = context_, number = number_, client = std::move(client),
         done = std::move(done)](core::Result<pipeline::Principal> found) mutable {
            context.shard.postAlways([&context, number, client = std::move(client),
                                      found = std::move(found), done = std::move(done)]() mutable {
                Session* session = context.find(number);
                if (session == nullptr || session->closing()) return;
                if (!found) return done(core::fail(std::move(found.error())));
                done(session->enterAs(client, found->document));
            });
        },
        aboutThis());
}

core::Result<void> Session::enterAs(std::string_view client, const json::Value& principal) {
    auto opened = open(client, principal);
    if (!opened) return core::fail(std::move(opened.error()));
    return {};
}

void Session::onMessages(std::vector<wire::ClientMessage> messages) {
    for (wire::ClientMessage& message : messages) {
        if (state_ == State::closing) return;
        const pipeline::Pipeline* pipeline = context_.pipelines.find(message.type);
        const bool subscribes = pipeline != nullptr && pipeline->subscribes;
        if (subscribes && !transport_.twoWay()) {
            refuseMessage(message,
                          core::Error::of(core::Code::notOnThisTransport,
                                          "'" + message.type + "' needs a WebSocket or events"));
            continue;
        }
        take(std::move(message));
    }
}

bool Session::settled() const {
    return underWay_ == 0 && waiting_.empty() && unsent_.empty() && refusals_.empty() &&
           std::ranges::none_of(subscriptions_,
                                [](const auto& entry) { return entry.second->asking(); });
}

void Session::giveUp(const core::Error& error) {
    for (const wire::ClientMessage& message : std::exchange(waiting_, {})) {
        refuseMessage(message, error);
    }
    for (const auto& entry : std::exchange(refusals_, {}))
        refuseMessage(entry.second.message, error);
    dropUnsent();
    context_.runner.refuseAll(*this, error);
}

}  // namespace syncline::session
