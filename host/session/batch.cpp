// SPDX-License-Identifier: Apache-2.0
#include "session/batch.h"

#include <algorithm>
#include <utility>

#include "channel/op.h"
#include "json/write.h"
#include "session/answer_text.h"
#include "session/concealing.h"
#include "session/session.h"

namespace syncline::session {

namespace {

core::Error pointingTo(core::Error error, std::string_view place) {
    error.detail = "{\"pointer\":\"" + std::string(place) + "\"}";
    return error;
}

}  // namespace

core::Result<std::span<const json::Value>> numberedOps(const json::Value& message,
                                                       std::size_t opsMax) {
    const json::Value* ops = message.find("ops");
    if (ops == nullptr || !ops->isArray() || ops->empty())
        return core::fail(pointingTo(
            core::Error::of(core::Code::badField, "ops: an array of ops is due"), "/ops"));
    if (ops->size() > opsMax)
        return core::fail(pointingTo(
            core::Error::of(core::Code::tooLarge, "ops: at most " + std::to_string(opsMax)),
            "/ops"));
    std::optional<std::int64_t> due;
    for (std::size_t i = 0; i < ops->size(); ++i) {
        const json::Value* number = (*ops)[i].find("n");
        const auto n = number == nullptr ? std::nullopt : number->toInteger();
        if (n && *n > 0 && (!due || *n == *due)) {
            due = *n + 1;
            continue;
        }
        const std::string wanted = due ? std::to_string(*due) : "a whole number from 1";
        const std::string place = std::to_string(i);
        return core::fail(pointingTo(
            core::Error::of(core::Code::badField, "ops[" + place + "]: n: " + wanted + " is due"),
            "/ops/" + place + "/n"));
    }
    return ops->elements();
}

Acks::Acks(ShardContext& context, std::uint64_t session, const wire::ClientMessage& message,
           std::size_t count, std::optional<pipeline::CallId> call, bool conceals)
    : context_(context),
      session_(session),
      id_(message.id.clone()),
      channel_(message.channel),
      results_(count),
      missing_(count),
      call_(call),
      conceals_(conceals) {}

void Acks::take(std::size_t place, std::string body) {
    results_[place] = std::move(body);
    if (--missing_ == 0) send();
}

void Acks::send() {
    Session* session = context_.find(session_);
    if (session == nullptr || session->closing()) return;
    // Whose call has timed out has been told so, and asks again.
    if (call_ && context_.runner.find(*call_) == nullptr) return;
    const bool isAwaited = !id_.isNull() || !std::ranges::all_of(results_, isPlainAck);
    if (conceals_) std::ranges::transform(results_, results_.begin(), concealed);
    if (isAwaited)
        session->push(acksTexts(id_, channel_, results_, context_.settings.catchUpRoomBytes));
    if (call_) context_.runner.complete(*call_, pipeline::Outcome::stop);
}

Batch::Batch(pipeline::CallId call, json::Value message, const pipeline::Pipeline& admission,
             bool isAtomic)
    : call_(call),
      message_(std::move(message)),
      admission_(admission),
      isAtomic_(isAtomic),
      refusals_(message_.find("ops")->size()) {}

std::optional<wire::ClientMessage> Batch::next(const std::string& channel) {
    if (asked_ == size()) return std::nullopt;
    const json::Value& op = (*message_.find("ops"))[asked_++];
    wire::ClientMessage message;
    message.type = admission_.type;
    message.channel = channel;
    message.body = op.isObject() ? op.clone() : json::Value::object();
    message.body.set("type", message.type);
    message.body.set("channel", channel);
    return message;
}

void Batch::stopped() {
    if (!refusals_[asked_ - 1])
        refused(core::Error::of(core::Code::forbidden, "a stage took this op for itself"));
}

void Batch::submit(ShardContext& context, std::uint64_t session,
                   const channel::SharedAuthor& author, const pipeline::Call& call) {
    isAdmitted_ = true;
    const wire::ClientMessage& message = call.message;
    // Shared by as many answers as there are, of which some may never come.
    auto acks = std::make_shared<Acks>(context, session, message, isAtomic_ ? 1 : size(), call_,
                                       call.conceals);
    const auto to = [&acks](std::size_t place) {
        return [acks, place](std::string body) { acks->take(place, std::move(body)); };
    };
    if (isAtomic_) {
        const auto refusal =
            std::ranges::find_if(refusals_, [](const auto& error) { return error.has_value(); });
        if (refusal == refusals_.end())
            return context.directory.submitBatch(context.shard, message.channel,
                                                 std::move(message_), author, to(0));
        const auto place = static_cast<std::size_t>(refusal - refusals_.begin());
        return context.directory.refuseBatch(
            context.shard, message.channel, std::move(message_), author,
            channel::withinBatch(std::move(**refusal), place), to(0));
    }
    std::span<json::Value> ops = message_.find("ops")->elements();
    for (std::size_t i = 0; i < ops.size(); ++i) {
        if (refusals_[i])
            context.directory.refuse(context.shard, message.channel, std::move(ops[i]), author,
                                     std::move(*refusals_[i]), to(i));
        else
            context.directory.submit(context.shard, message.channel, std::move(ops[i]), author,
                                     to(i));
    }
}

}  // namespace syncline::session
