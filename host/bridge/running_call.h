// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/far_call.h"
#include "bridge/instance.h"
#include "bridge/packed_call.h"
#include "core/error.h"
#include "json/value.h"
#include "observe/log_context.h"
#include "pipeline/call.h"
#include "pipeline/stage.h"

namespace syncline::session {
class Session;
}

namespace syncline::bridge {

class HandlerStage;

/// What a handler on a pool is shown: copies, because the call stays on its shard and may be
/// cancelled there, with all that it owns, while a thread of the pool still reads.
struct CallCopy {
    PackedCall call;
    std::string type;
    std::string channel;
    std::string transport;
    std::string address;
    std::uint64_t connection = 0;
    json::Value message;
    std::optional<json::Value> principal;
    std::int64_t deadlineMs = 0;
    observe::LogContext about;

    static CallCopy of(std::size_t shard, const pipeline::Call& call);
};

/// What a plugin's function reads and says of the message that it runs for: lives on the stack
/// around that function, on its thread.
///
/// What the plugin reads stays where it is until the function has returned, whatever ends the call
/// meanwhile (a reply that does not fit the sender's outbox closes the session, which cancels its
/// calls). So on a shard the message moves from the call into here and back; and what would end the
/// call by the plugin's own word is kept here until then.
class RunningCall final : private observe::LogSubject {
public:
    /// On the call's shard.
    RunningCall(HandlerStage& stage, Instance& instance, std::size_t shard, pipeline::Call& call);
    /// On a thread of the instance's pool.
    RunningCall(HandlerStage& stage, Instance& instance, CallCopy& copy);
    ~RunningCall();
    RunningCall(const RunningCall&) = delete;
    RunningCall& operator=(const RunningCall&) = delete;

    /// The one that this thread runs for this host and call; null: none.
    static RunningCall* current(const syncline_host* host, syncline_call call) noexcept;

    syncline_call packed() const { return address_.packed(); }
    pipeline::CallId id() const { return address_.id; }
    Instance& instance() { return instance_; }
    HandlerStage& stage() { return stage_; }

    // What it reads.
    const json::Value& message() const { return message_; }
    const json::Value* principal() const;
    std::string_view type();
    std::string_view channel();
    std::string_view transport() const;
    std::string_view address() const;
    std::uint64_t connection() const;
    std::int64_t deadlineMs() const;  ///< left

    // What it says.
    void reply(std::string_view type, const json::Value* body);
    void fail(core::Error error);
    void complete(pipeline::Outcome outcome);
    void conceal();

    /// The session behind the call; null on a pool, and once the call has ended.
    session::Session* session() const;

    /// Whether it may ask the host for something that answers or comes back later: once.
    bool mayAsk() const { return !asked_ && !failure_ && !completion_; }
    void asked() { asked_ = true; }
    /// `op` goes to the sequencer. The message itself is handed over, which saves a copy, so only
    /// once nobody reads it any more: then settle() submits it.
    core::Result<void> submit(const json::Value& op);
    /// The same for a batch, whose ops go through stages: other plugins, once this one has
    /// returned.
    void submitBatch(const json::Value& message, std::string_view type, bool isAtomic);
    /// Holds a value until the end of the call.
    const json::Value& lend(json::Value value) { return scratch_ = std::move(value); }

    /// What comes of the call, now that the function has returned `outcome`.
    struct Settled {
        pipeline::Outcome outcome = pipeline::Outcome::refused;
        core::Error error;  ///< with refused
    };
    Settled settle(syncline_outcome outcome, const syncline_error& error);

private:
    void describe(observe::LogContext& context) const override;
    pipeline::Call* live() const;
    FarCall far() const;
    void giveBack();
    Settled settleAsked(syncline_outcome outcome);
    Settled startBatch(pipeline::Call& call);

    HandlerStage& stage_;
    Instance& instance_;
    RunningCall* const outer_;
    const observe::LogScope scope_{*this};
    const PackedCall address_;
    CallCopy* const copy_;  ///< on a pool; null on a shard

    json::Value message_;
    json::Value scratch_;
    bool holding_ = false;  ///< message and scratch are here and go back
    std::string type_;      ///< copied when first asked for
    std::string channel_;

    std::optional<core::Error> failure_;
    std::optional<pipeline::Outcome> completion_;
    bool asked_ = false;
    bool submitsMessage_ = false;

    struct BatchQuestion {
        std::optional<json::Value> message;  ///< absent: the call's own
        std::string type;
        bool isAtomic = false;
    };
    std::optional<BatchQuestion> batch_;
};

}  // namespace syncline::bridge
