// SPDX-License-Identifier: Apache-2.0
#include "bridge/handler_stage.h"

#include <memory>
#include <utility>

#include "bridge/entered.h"
#include "bridge/far_call.h"
#include "bridge/plugin_error.h"

namespace syncline::bridge {

HandlerStage::HandlerStage(Instance& instance) : instance_(instance) {
    instance.serve(*this);
}

pipeline::Outcome HandlerStage::run(pipeline::Call& call, core::Error& error) {
    const std::size_t shard = instance_.runtime().currentShard();
    if (!PackedCall::fits(shard, call.id)) {
        error = core::Error::of(core::Code::busy, "too many messages are under way");
        return pipeline::Outcome::refused;
    }
    if (blocking()) return runOnPool(shard, call, error);
    RunningCall running(*this, instance_, shard, call);
    syncline_error refusal = emptyError();
    const auto outcome =
        callPlugin(instance_, "on_message", syncline_outcome{SYNCLINE_REFUSED}, [&] {
            return instance_.functions<syncline_message_handler>().on_message(
                instance_.self(), instance_.shardState(shard), running.packed(), &refusal);
        });
    RunningCall::Settled settled = running.settle(outcome, refusal);
    error = std::move(settled.error);
    return settled.outcome;
}

bool HandlerStage::takesAnswers() const {
    return instance_.functions<syncline_message_handler>().on_result != nullptr;
}

void HandlerStage::deliver(std::size_t shard, pipeline::CallId id, std::uint32_t tag,
                           core::Result<json::Value> result) {
    pipeline::Runner& runner = *instance_.runtime().at(shard).runner;
    pipeline::Call* call = runner.find(id);
    if (call == nullptr || !call->pending || call->pipeline->steps[call->step].stage != this)
        return;
    RunningCall::Settled settled;
    {
        RunningCall running(*this, instance_, shard, *call);
        syncline_error error = emptyError();
        if (!result) fillError(&error, result.error());
        const syncline_status status = result ? SYNCLINE_OK : SYNCLINE_FAILED;
        const syncline_value* value = result ? toHandle(&*result) : nullptr;
        const auto outcome =
            callPlugin(instance_, "on_result", syncline_outcome{SYNCLINE_REFUSED}, [&] {
                return instance_.functions<syncline_message_handler>().on_result(
                    instance_.self(), instance_.shardState(shard), running.packed(), tag, status,
                    value, &error);
            });
        settled = running.settle(outcome, error);
    }
    if (settled.outcome == pipeline::Outcome::pending) return;
    if (settled.outcome == pipeline::Outcome::refused) {
        runner.refuse(id, settled.error);
    } else {
        runner.complete(id, settled.outcome);
    }
}

pipeline::Outcome HandlerStage::runOnPool(std::size_t shard, const pipeline::Call& call,
                                          core::Error& error) {
    auto copy = std::make_unique<CallCopy>(CallCopy::of(shard, call));
    const FarCall far(instance_.runtime(), copy->call, this, instance_.sharedConduct());
    const bool taken = instance_.pool().submit([this, far, held = std::move(copy)](bool run) {
        if (run) return work(*held);
        far.refuse(core::Error::of(core::Code::draining, "the server goes down"));
    });
    if (taken) return pipeline::Outcome::pending;
    error = core::Error::of(core::Code::pluginFailed,
                            instance_.name() + " has as many calls under way as it may");
    error.retryAfterMs = 1'000;
    return pipeline::Outcome::refused;
}

void HandlerStage::work(CallCopy& copy) {
    // Its sender has been told, or is about to be.
    if (instance_.runtime().clock().steadyMs() >= copy.deadlineMs) return;
    const FarCall far(instance_.runtime(), copy.call, this, instance_.sharedConduct());
    RunningCall::Settled settled;
    {
        RunningCall running(*this, instance_, copy);
        syncline_error refusal = emptyError();
        const auto outcome =
            callPlugin(instance_, "on_message", syncline_outcome{SYNCLINE_REFUSED}, [&] {
                return instance_.functions<syncline_message_handler>().on_message(
                    instance_.self(), nullptr, running.packed(), &refusal);
            });
        settled = running.settle(outcome, refusal);
    }
    if (settled.outcome == pipeline::Outcome::pending) return;
    if (settled.outcome == pipeline::Outcome::refused) return far.refuse(std::move(settled.error));
    far.complete(settled.outcome);
}

}  // namespace syncline::bridge
