// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth_adapter.h"

#include <memory>
#include <utility>

#include "bridge/builder.h"
#include "bridge/builder_table.h"
#include "bridge/entered.h"
#include "bridge/plugin_error.h"
#include "wire/message.h"

namespace syncline::bridge {

namespace {

using session::AuthAnswer;

AuthAnswer refusal(std::string reason, bool expired = false) {
    AuthAnswer answer;
    answer.kind = AuthAnswer::Kind::refuse;
    answer.reason = std::move(reason);
    answer.expired = expired;
    return answer;
}

bool isArrayOfStrings(const json::Value& value) {
    if (!value.isArray()) return false;
    for (const json::Value& element : value.elements()) {
        if (!element.isString()) return false;
    }
    return true;
}

/// What is wrong with a principal that a plugin has built; null: nothing.
const char* faultOf(const json::Value* principal) {
    if (principal == nullptr || !principal->isObject()) return "no whole object was built";
    const json::Value* user = principal->find("user");
    if (user == nullptr || !user->isString() || !wire::checkName(user->asString())) {
        return "its user is no name";
    }
    const json::Value* roles = principal->find("roles");
    if (roles != nullptr && !isArrayOfStrings(*roles)) return "its roles are no array of strings";
    const json::Value* claims = principal->find("claims");
    if (claims != nullptr && !claims->isObject()) return "its claims are no object";
    const json::Value* expires = principal->find("expiresAt");
    if (expires != nullptr && !expires->toInteger()) return "its expiresAt is no whole number";
    return nullptr;
}

AuthAnswer acceptance(Instance& instance, Builder& built) {
    if (const char* fault = faultOf(built.result())) {
        instance.conduct().misbehaved(std::string("it accepted, and ") + fault);
        return refusal(instance.name() + " built no principal");
    }
    AuthAnswer answer;
    answer.kind = AuthAnswer::Kind::accept;
    answer.principal.document = built.take();
    answer.principal.user = answer.principal.document.find("user")->asString();
    if (const json::Value* expires = answer.principal.document.find("expiresAt")) {
        answer.principal.expiresAtMs = *expires->toInteger();
    }
    return answer;
}

syncline_credentials toShown(const session::Credentials& credentials) {
    syncline_credentials shown = {};
    shown.size = sizeof shown;
    shown.token = toText(credentials.token);
    shown.authorization = toText(credentials.authorization);
    shown.cookie = toText(credentials.cookie);
    shown.client = toText(credentials.client);
    shown.address = toText(credentials.address);
    shown.now_ms = credentials.nowMs;
    return shown;
}

}  // namespace

AuthAnswer AuthAdapter::ask(void* shardState, const session::Credentials& credentials) {
    const syncline_credentials shown = toShown(credentials);
    Builder principal;
    syncline_error error = emptyError();
    const syncline_auth_answer answer =
        callPlugin(instance_, "authenticate", syncline_auth_answer{SYNCLINE_REFUSE}, [&] {
            return instance_.functions<syncline_auth_provider>().authenticate(
                instance_.self(), shardState, &shown, toHandle(&principal), &error);
        });
    switch (answer) {
        case SYNCLINE_ACCEPT:
            return acceptance(instance_, principal);
        case SYNCLINE_NOT_MINE:
            return {};
        case SYNCLINE_REFUSE:
            return refusal(reasonOf(error),
                           error.code == static_cast<std::uint32_t>(core::Code::tokenExpired));
        default:
            instance_.conduct().misbehaved("it answered a number that is no answer");
            return refusal(instance_.name() + " gave no known answer");
    }
}

void AuthAdapter::authenticate(core::Shard& shard, const session::Credentials& credentials,
                               core::UniqueFunction<void(AuthAnswer)> answer) {
    if (!instance_.traits().blocking) {
        return answer(ask(instance_.shardState(shard.index()), credentials));
    }
    // Shared between the job and this function, which answers itself when the job is not taken.
    auto held = std::make_shared<core::UniqueFunction<void(AuthAnswer)>>(std::move(answer));
    const bool taken = instance_.pool().submit([this, &shard, credentials, held](bool run) mutable {
        AuthAnswer found = run ? ask(nullptr, credentials) : refusal("the server goes down");
        shard.postAlways([held = std::move(held), found = std::move(found)]() mutable {
            (*held)(std::move(found));
        });
    });
    if (!taken) (*held)(refusal(instance_.name() + " has as many calls under way as it may"));
}

}  // namespace syncline::bridge
