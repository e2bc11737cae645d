// SPDX-License-Identifier: Apache-2.0
#include "session/authentication.h"

#include <utility>

#include "wire/message.h"

namespace syncline::session {

namespace {

core::Error toError(const AuthAnswer& answer, bool shown) {
    return core::Error::of(answer.expired ? core::Code::tokenExpired : core::Code::tokenInvalid,
                           shown ? "the credentials were refused" : "credentials are needed");
}

std::string_view reasonOf(const AuthAnswer& answer) {
    return answer.kind == AuthAnswer::Kind::refuse ? std::string_view(answer.reason)
                                                   : "no provider took the credentials";
}

}  // namespace

void authenticate(core::Shard& shard, const AuthChain& chain, Credentials credentials,
                  std::shared_ptr<spdlog::logger> log, std::string who,
                  core::UniqueFunction<void(core::Result<pipeline::Principal>)> answer,
                  observe::LogContext about) {
    const bool shown = !credentials.token.empty() || !credentials.authorization.empty() ||
                       !credentials.cookie.empty();
    chain.authenticate(shard, std::move(credentials),
                       [log = std::move(log), who = std::move(who), shown, about = std::move(about),
                        answer = std::move(answer)](AuthAnswer found) mutable {
                           if (found.kind == AuthAnswer::Kind::accept) {
                               return answer(std::move(found.principal));
                           }
                           const observe::KnownSubject subject(std::move(about));
                           const observe::LogScope scope(subject);
                           log->info("{}: not authenticated: {}", who, reasonOf(found));
                           answer(core::fail(toError(found, shown)));
                       });
}

core::Result<pipeline::Principal> principalOf(const json::Value& document) {
    const json::Value* user = document.find("user");
    if (user == nullptr || !user->isString()) {
        return core::fail(core::Code::pluginFailed, "the principal has no user");
    }
    if (auto valid = wire::checkName(user->asString()); !valid) return core::fail(valid.error());
    pipeline::Principal who;
    who.user = user->asString();
    who.document = document.clone();
    const json::Value* expires = document.find("expiresAt");
    if (expires != nullptr && expires->isNumber()) {
        who.expiresAtMs = static_cast<std::int64_t>(expires->asNumber());
    }
    return who;
}

}  // namespace syncline::session
