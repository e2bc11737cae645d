// SPDX-License-Identifier: Apache-2.0
// Signals from one to many, as handlers send them.
#include <utility>

#include "bridge/asking.h"
#include "bridge/handler_stage.h"
#include "bridge/host_tables.h"
#include "json/utf8.h"

namespace syncline::bridge {

namespace {

/// What the session does with the signal's parts.
using Send = core::Result<void> (session::Session::*)(std::string_view to, std::string_view type,
                                                      const json::Value* body,
                                                      session::Session::SignalAnswer answer);

struct Parts {
    syncline_text to;
    syncline_text type;
    const syncline_value* body;
    std::uint32_t tag;
};

syncline_status signal(const syncline_host* host, syncline_call call, const Parts& parts, Send send,
                       syncline_error* error) noexcept {
    return askingOnce(
        host, call, true, error,
        [&](RunningCall& running, session::Session& session) -> core::Result<void> {
            HandlerStage& stage = running.stage();
            if (!stage.takesAnswers()) return missingArgument("the handler has no on_result");
            const std::string_view type = toView(parts.type);
            const json::Value* body = toValue(parts.body);
            if (type.empty() || !json::isUtf8(type) || (body != nullptr && !body->isObject())) {
                return missingArgument("a type, and an object or nothing as body, are needed");
            }
            const PackedCall where = PackedCall::unpack(call);
            return (session.*send)(
                toView(parts.to), type, body,
                [&stage, where, tag = parts.tag](core::Result<json::Value> answer) {
                    stage.deliver(where.shard, where.id, tag, std::move(answer));
                });
        });
}

syncline_status toChannel(const syncline_host* host, syncline_call call, syncline_text channel,
                          syncline_text type, const syncline_value* body, std::uint32_t tag,
                          syncline_error* error) noexcept {
    return signal(host, call, {channel, type, body, tag}, &session::Session::signalChannel, error);
}

syncline_status toUser(const syncline_host* host, syncline_call call, syncline_text user,
                       syncline_text type, const syncline_value* body, std::uint32_t tag,
                       syncline_error* error) noexcept {
    return signal(host, call, {user, type, body, tag}, &session::Session::signalUser, error);
}

}  // namespace

const syncline_broadcast_table kBroadcastTable = {sizeof(syncline_broadcast_table), 0, &toChannel,
                                                  &toUser};

}  // namespace syncline::bridge
