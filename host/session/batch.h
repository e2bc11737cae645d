// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "json/value.h"
#include "pipeline/call.h"
#include "pipeline/pipeline.h"
#include "session/shard_context.h"

namespace syncline::session {

/// The ops of a batch that are numbered one by one: an array of objects whose `n` are consecutive.
/// Errors: badField, tooLarge; then none of the numbers is consumed.
core::Result<std::span<const json::Value>> numberedOps(const json::Value& message,
                                                       std::size_t opsMax);

/// Puts the answers to the ops of one batch together, and sends them as `acks`. Shared by the
/// answers that are awaited: the message's call, and its session, may be gone when they come.
/// [the session's shard]
class Acks {
public:
    /// `call`: the one that ends with them, if it still runs. `conceals`: as that of a call.
    Acks(ShardContext& context, std::uint64_t session, const wire::ClientMessage& message,
         std::size_t count, std::optional<pipeline::CallId> call, bool conceals);

    void take(std::size_t place, std::string body);

private:
    void send();

    ShardContext& context_;
    const std::uint64_t session_;
    const json::Value id_;
    const std::string channel_;
    std::vector<std::string> results_;
    std::size_t missing_;
    std::optional<pipeline::CallId> call_;
    const bool conceals_;
};

/// A batch whose ops pass the stages of their type, one after the other, each as a call of its own;
/// then all go to the channel. Owned by its session, until its own call ends. [its shard]
class Batch {
public:
    Batch(pipeline::CallId call, json::Value message, const pipeline::Pipeline& admission,
          bool isAtomic);

    pipeline::CallId call() const { return call_; }
    bool isAtomic() const { return isAtomic_; }
    const pipeline::Pipeline& admission() const { return admission_; }

    /// The next op that must pass, as a message of its type; nothing when all have been asked.
    std::optional<wire::ClientMessage> next(const std::string& channel);

    /// What came of it.
    void refused(core::Error error) { refusals_[asked_ - 1] = std::move(error); }
    void stopped();

    /// The call that the op asked last runs in, while it does.
    std::optional<pipeline::CallId> admitting;
    /// Whether the loop that asks one after the other is at work further up the stack.
    bool asking = false;

    bool isAdmitted() const { return isAdmitted_; }

    /// Gives all to the channel; the answers come as `acks`.
    void submit(ShardContext& context, std::uint64_t session, const channel::SharedAuthor& author,
                const pipeline::Call& call);

private:
    std::size_t size() const { return refusals_.size(); }

    const pipeline::CallId call_;
    json::Value message_;
    const pipeline::Pipeline& admission_;
    const bool isAtomic_;
    std::vector<std::optional<core::Error>> refusals_;  ///< one per op
    std::size_t asked_ = 0;
    bool isAdmitted_ = false;
};

}  // namespace syncline::session
