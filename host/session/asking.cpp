// SPDX-License-Identifier: Apache-2.0
// The part of Session that asks channels for more than the usual.
#include <utility>

#include "session/session.h"

namespace syncline::session {

namespace {

using core::Code;

bool isTrue(const json::Value& request, std::string_view name) {
    const json::Value* found = request.find(name);
    return found != nullptr && found->isBool() && found->asBool();
}

core::Result<std::vector<std::string>> namesOf(const json::Value& keys) {
    std::vector<std::string> names;
    for (const json::Value& key : keys.elements()) {
        if (!key.isString())
            return core::fail(Code::badField, "keys: an array of strings is needed");
        names.emplace_back(key.asString());
    }
    return names;
}

std::uint64_t numberAt(const json::Value& request, std::string_view name) {
    const json::Value* found = request.find(name);
    const auto number = found == nullptr ? std::nullopt : found->toInteger();
    return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

}  // namespace

core::Result<void> Session::resolve(pipeline::CallId id, const json::Value& message) {
    const pipeline::Call* call = context_.runner.find(id);
    if (call == nullptr) return core::fail(Code::internal, "the call has ended");
    if (state_ != State::open) return core::fail(Code::forbidden, "open a session first");
    context_.directory.resolve(context_.shard, call->message.channel, message.clone(), author_,
                               [&context = context_, number = number_, id](std::string answer) {
                                   if (Session* session = context.find(number))
                                       session->answerText(id, std::move(answer));
                               });
    return {};
}

core::Result<void> Session::snapshotOf(pipeline::CallId id, std::string_view channel,
                                       const json::Value& request) {
    channel::Selection wanted;
    if (const json::Value* keys = request.find("keys")) {
        auto names = namesOf(*keys);
        if (!names) return core::fail(std::move(names.error()));
        wanted.keys = std::move(*names);
    }
    if (const json::Value* prefix = request.find("prefix")) {
        if (!prefix->isString()) return core::fail(Code::badField, "prefix: a string is needed");
        wanted.prefix = prefix->asString();
    }
    wanted.digest = isTrue(request, "digest");
    context_.directory.snapshot(context_.shard, std::string(channel), std::move(wanted), author_,
                                answerWithAll(id));
    return {};
}

core::Result<void> Session::historyOf(pipeline::CallId id, std::string_view channel,
                                      const json::Value& request) {
    const channel::LogSpan span{numberAt(request, "from"), numberAt(request, "limit"),
                                isTrue(request, "values")};
    context_.directory.history(context_.shard, std::string(channel), span, answerWithAll(id));
    return {};
}

}  // namespace syncline::session
