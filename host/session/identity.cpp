// SPDX-License-Identifier: Apache-2.0
// Who the client of a session is: asking for it, and going on with a newer token.
#include <utility>

#include "session/authentication.h"
#include "session/session.h"

namespace syncline::session {

void Session::verify(pipeline::CallId call, std::string client, std::string token,
                     core::UniqueFunction<void(core::Result<json::Value>)> answer) {
    Credentials credentials;
    credentials.token = std::move(token);
    credentials.address = transport_.address();
    credentials.nowMs = context_.shard.clock().wallMs();
    if (state_ == State::opening) {
        credentials.client = std::move(client);
        credentials.authorization = transport_.authorization();
        credentials.cookie = transport_.cookie();
    } else {
        // What the connection began with is what a refresh replaces.
        credentials.client = author_->client;
    }
    // Through the inbox, because a provider may answer at once, inside the call that asks.
    authenticate(
        context_.shard, auth_, std::move(credentials), context_.log,
        "session " + std::to_string(number_) + " from " + std::string(transport_.address()),
        [&context = context_, call,
         answer = std::move(answer)](core::Result<pipeline::Principal> found) mutable {
            context.shard.postAlways(
                [&context, call, found = std::move(found), answer = std::move(answer)]() mutable {
                    if (context.runner.find(call) == nullptr) return;
                    if (!found) return answer(core::fail(std::move(found.error())));
                    answer(std::move(found->document));
                });
        },
        aboutThis());
}

core::Result<Session::Refreshed> Session::refresh(const json::Value& principal) {
    if (state_ != State::open) return core::fail(core::Code::forbidden, "open a session first");
    auto who = principalOf(principal);
    if (!who) return core::fail(std::move(who.error()));
    if (who->user != author_->user) {
        return core::fail(core::Code::anotherUser, "this token is another user's");
    }
    Refreshed refreshed{json::Value::object(), std::move(principal_->document)};
    refreshed.told.set("user", who->user);
    if (who->expiresAtMs != 0) refreshed.told.set("expiresAt", who->expiresAtMs);
    principal_ = std::move(*who);
    watchExpiry();
    return refreshed;
}

}  // namespace syncline::session
