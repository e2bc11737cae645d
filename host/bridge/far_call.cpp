// SPDX-License-Identifier: Apache-2.0
#include "bridge/far_call.h"

#include <utility>

#include "pipeline/caller.h"

namespace syncline::bridge {

FarCall::FarCall(Runtime& runtime, PackedCall call, const pipeline::Stage* stage,
                 std::shared_ptr<Conduct> conduct)
    : runtime_(&runtime), call_(call), stage_(stage), conduct_(std::move(conduct)) {}

template <class Step>
void FarCall::post(Step step) const {
    const bool known = call_.shard < runtime_->shardCount() && call_.id.generation != 0 &&
                       runtime_->at(call_.shard).shard != nullptr;
    if (!known) return conduct_->misbehaved("a number was used as a call that is none");
    // Never refused: the call was counted when it started.
    runtime_->at(call_.shard).shard->postAlways([self = *this, step = std::move(step)]() mutable {
        step(self);
    });
}

void FarCall::reply(std::string type, std::optional<json::Value> body) const {
    post([type = std::move(type), body = std::move(body)](const FarCall& self) {
        const pipeline::Call* call =
            self.runtime_->at(self.call_.shard).runner->find(self.call_.id);
        if (call == nullptr) return self.blame("a reply after the end of the call");
        call->caller->answer(*call, type, body ? &*body : nullptr);
    });
}

void FarCall::conceal() const {
    post([](const FarCall& self) {
        pipeline::Call* call = self.runtime_->at(self.call_.shard).runner->find(self.call_.id);
        if (call != nullptr) call->conceals = true;
    });
}

void FarCall::refuse(core::Error error) const {
    post([error = std::move(error)](const FarCall& self) {
        if (self.waiting("a failure of a call that does not wait for it") == nullptr) return;
        self.runtime_->at(self.call_.shard).runner->refuse(self.call_.id, error);
    });
}

void FarCall::complete(pipeline::Outcome outcome) const {
    post([outcome](const FarCall& self) {
        if (self.waiting("a completion of a call that does not wait for it") == nullptr) return;
        self.runtime_->at(self.call_.shard).runner->complete(self.call_.id, outcome);
    });
}

pipeline::Call* FarCall::waiting(const char* what) const {
    pipeline::Call* call = runtime_->at(call_.shard).runner->find(call_.id);
    // The same call may have gone on and wait for another stage by now.
    if (call != nullptr && call->pending && call->pipeline->steps[call->step].stage == stage_) {
        return call;
    }
    blame(what);
    return nullptr;
}

void FarCall::blame(const char* what) const {
    pipeline::Runner& runner = *runtime_->at(call_.shard).runner;
    if (runner.find(call_.id) != nullptr) return conduct_->misbehaved(what);
    switch (runner.ending(call_.id)) {
        case pipeline::Runner::Ending::finished:
            return conduct_->misbehaved(what);
        case pipeline::Runner::Ending::cancelled:
            return;  // the sender went: nobody's fault
        case pipeline::Runner::Ending::timedOut:
        case pipeline::Runner::Ending::none:  // so long ago that its place was used again
            return conduct_->late();
    }
}

}  // namespace syncline::bridge
