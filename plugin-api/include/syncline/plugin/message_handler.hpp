// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstdint>
#include <syncline/plugin/call.hpp>
#include <syncline/plugin/component.hpp>

namespace syncline {

/// The answer to a question that a handler asked with a tag, e.g. Auth::verify.
struct Answer {
    std::uint32_t tag;
    bool ok;      ///< false: `return call.refuse()` passes the reason on
    Value value;  ///< missing unless ok
};

/// A stage of a pipeline: handles a message type, or filters what passes. One instance serves all
/// shards: members written after start() need a lock or ShardState. [shard], or [pool] if
/// blocking()
class MessageHandler : public Component {
public:
    /// One message. Throwing Refusal refuses it; anything else thrown is error 1004 to its sender.
    virtual Outcome onMessage(const Message& message, Call& call) = 0;

    /// The answer to a question asked during onMessage, for the same call.
    virtual Outcome onResult(const Answer& answer, const Message& message, Call& call) {
        static_cast<void>(answer);
        static_cast<void>(message);
        return call.refuse(0, "the handler asked a question and has no onResult");
    }
};

namespace detail {

template <class Function>
syncline_outcome guardedOutcome(syncline_error* error, Function&& function) noexcept {
    try {
        return static_cast<syncline_outcome>(function());
    } catch (...) {
        describeException(error);
        return SYNCLINE_REFUSED;
    }
}

inline syncline_outcome onMessage(void* self, void* shard, syncline_call id,
                                  syncline_error* error) noexcept {
    return guardedOutcome(error, [&] {
        auto& handler = instance<MessageHandler>(self);
        Call call(handler.host(), id, shardState(shard), error);
        return handler.onMessage(Message(handler.host(), id), call);
    });
}

inline syncline_outcome onResult(void* self, void* shard, syncline_call id, std::uint32_t tag,
                                 syncline_status status, const syncline_value* result,
                                 syncline_error* error) noexcept {
    return guardedOutcome(error, [&] {
        auto& handler = instance<MessageHandler>(self);
        Call call(handler.host(), id, shardState(shard), error);
        const Answer answer = {tag, status == SYNCLINE_OK, handler.host().value(result)};
        return handler.onResult(answer, Message(handler.host(), id), call);
    });
}

inline constexpr syncline_message_handler handlerFunctions = {sizeof(syncline_message_handler),
                                                              &onMessage, &onResult};

}  // namespace detail
}  // namespace syncline
