// SPDX-License-Identifier: Apache-2.0
// The part of Session that takes batches through their stages.
#include <utility>

#include "session/answer_text.h"
#include "session/batch.h"
#include "session/concealing.h"
#include "session/session.h"

namespace syncline::session {

namespace {

bool isAtomic(const json::Value& message) {
    const json::Value* atomic = message.find("atomic");
    return atomic != nullptr && atomic->isBool() && atomic->asBool();
}

}  // namespace

core::Result<void> Session::submitBatch(pipeline::CallId id, json::Value message,
                                        std::string_view type, bool isAtomic) {
    const pipeline::Call* call = context_.runner.find(id);
    if (call == nullptr) return core::fail(core::Code::internal, "the call has ended");
    if (state_ != State::open) return core::fail(core::Code::forbidden, "open a session first");
    const pipeline::Pipeline* admission = context_.pipelines.admission(type);
    if (admission == nullptr)
        return core::fail(core::Code::notConfigured,
                          "no message type '" + std::string(type) + "' carries ops");
    const json::Value* ops = message.find("ops");
    const bool isArray = ops != nullptr && ops->isArray();
    if (!isAtomic) {
        if (auto numbered = numberedOps(message, context_.settings.batchOpsMax); !numbered)
            return core::fail(std::move(numbered.error()));
    } else if (!isArray || ops->size() > context_.settings.batchOpsMax) {
        // It has one number, which the channel settles with what is wrong.
        context_.directory.submitBatch(
            context_.shard, call->message.channel, std::move(message), author_,
            [acks =
                 std::make_shared<Acks>(context_, number_, call->message, 1, id, call->conceals)](
                std::string body) { acks->take(0, std::move(body)); });
        return {};
    }
    auto batch = std::make_unique<Batch>(id, std::move(message), *admission, isAtomic);
    Batch& placed = *batches_.emplace(id.packed(), std::move(batch)).first->second;
    admit(placed);
    return {};
}

// Asks for one op after the other, as long as the answers come at once.
void Session::admit(Batch& batch) {
    if (std::exchange(batch.asking, true)) return;
    const pipeline::CallId id = batch.call();
    const std::uint64_t key = id.packed();
    while (true) {
        const pipeline::Call* call = context_.runner.find(id);
        if (call == nullptr) return;  // with its batch
        std::optional<wire::ClientMessage> message = batch.next(call->message.channel);
        if (!message) break;
        ++underWay_;
        Batch* const outer = std::exchange(starting_, &batch);
        const auto started = context_.runner.start(batch.admission(), std::move(*message), *this);
        starting_ = outer;
        if (!batches_.contains(key)) return;
        if (!started) {
            --underWay_;
            batch.refused(started.error());
        } else if (context_.runner.find(*started) != nullptr) {
            batch.admitting = *started;
            batch.asking = false;
            return;
        }
    }
    batch.asking = false;
    const pipeline::Call* call = context_.runner.find(id);
    batch.submit(context_, number_, author_, *call);
    release(*call);
}

Batch* Session::batchAdmitting(const pipeline::Call& call) {
    if (orphans_.contains(call.id.packed())) return nullptr;
    for (const auto& [key, batch] : batches_)
        if (batch->admitting == call.id) return batch.get();
    return starting_;
}

bool Session::isAdmitting(pipeline::CallId id) const {
    const auto found = batches_.find(id.packed());
    return found != batches_.end() && !found->second->isAdmitted();
}

void Session::onAdmissionEnded(const pipeline::Call& call) {
    Batch* batch = batchAdmitting(call);
    orphans_.erase(call.id.packed());
    if (batch == nullptr) return;
    // A stage that settles a message by itself wants nothing more to be done for it.
    if (call.step < call.pipeline->steps.size()) batch->stopped();
    if (pipeline::Call* whole = context_.runner.find(batch->call()); call.conceals && whole)
        whole->conceals = true;
    if (!batch->admitting) return;
    batch->admitting.reset();
    admit(*batch);
}

void Session::endBatch(const pipeline::Call& call) {
    const auto found = batches_.find(call.id.packed());
    if (found == batches_.end()) return;
    if (found->second->admitting) orphans_.insert(found->second->admitting->packed());
    batches_.erase(found);
    release(call);
}

// A stage refused a batch for good: its numbers are consumed, as if its ops had been sent singly.
bool Session::refuseBatch(pipeline::Call& call, const core::Error& error) {
    if (call.message.channel.empty()) return false;
    json::Value& body = call.message.body;
    const auto collect = [&](std::size_t count) {
        return std::make_shared<Acks>(context_, number_, call.message, count, std::nullopt,
                                      conceals(call, error));
    };
    if (isAtomic(body)) {
        if (!body.contains("n")) return false;
        context_.directory.refuseBatch(
            context_.shard, call.message.channel, std::move(body), author_, error,
            [acks = collect(1)](std::string answer) { acks->take(0, std::move(answer)); });
        return true;
    }
    const auto ops = numberedOps(body, context_.settings.batchOpsMax);
    if (!ops) return false;
    const auto acks = collect(ops->size());
    for (std::size_t i = 0; i < ops->size(); ++i)
        context_.directory.refuse(
            context_.shard, call.message.channel, (*ops)[i].clone(), author_, error,
            [acks, i](std::string answer) { acks->take(i, std::move(answer)); });
    return true;
}

// ---- What reads -----------------------------------------------------------------------------

core::UniqueFunction<void(std::vector<std::string>)> Session::answerWithAll(pipeline::CallId id) {
    return [&context = context_, id](std::vector<std::string> bodies) {
        const pipeline::Call* call = context.runner.find(id);
        if (call == nullptr) return;
        static_cast<Session&>(*call->caller).answerBodies(id, std::move(bodies));
    };
}

void Session::history(pipeline::CallId id, std::string_view channel, std::uint64_t fromSeq,
                      std::uint64_t opsMax) {
    context_.directory.history(context_.shard, std::string(channel), {fromSeq, opsMax, false},
                               answerWithAll(id));
}

core::Result<void> Session::outcomes(pipeline::CallId id, std::string_view channel,
                                     const json::Value& numbers) {
    std::vector<std::uint64_t> wanted;
    for (const json::Value& number : numbers.elements()) {
        const auto n = number.toInteger();
        if (!n || *n < 1)
            return core::fail(core::Code::badField, "n: an array of whole numbers from 1 is due");
        wanted.push_back(static_cast<std::uint64_t>(*n));
    }
    context_.directory.outcomes(context_.shard, std::string(channel), std::move(wanted), author_,
                                answerWithAll(id));
    return {};
}

}  // namespace syncline::session
