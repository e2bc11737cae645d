// SPDX-License-Identifier: Apache-2.0
#include "pipeline/runner.h"

#include <cassert>
#include <utility>

#include "pipeline/caller.h"

namespace syncline::pipeline {

namespace {

/// Reading the clock costs more than many a stage: one call in so many is timed.
constexpr std::uint32_t kSampleEvery = 64;

/// How often pending calls are held against their deadlines.
constexpr std::int64_t kSweepMs = 40;

}  // namespace

Runner::Runner(core::Shard& shard, std::size_t callsMax, std::size_t meters, std::size_t types)
    : shard_(shard),
      callsMax_(callsMax),
      meters_(meters),
      types_(types),
      figures_(std::make_unique<StageFigures[]>(meters)),
      started_(std::make_unique<observe::Number[]>(types)) {}

Runner::~Runner() {
    if (sweeping_) shard_.timers().stop(sweepTimer_);
}

core::Result<CallId> Runner::start(const Pipeline& pipeline, wire::ClientMessage&& message,
                                   Caller& caller) {
    if (underWay_.get() >= callsMax_) {
        core::Error error = core::Error::of(core::Code::busy, "too many messages are under way");
        error.retryAfterMs = 100;
        return core::fail(std::move(error));
    }
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back().call = std::make_unique<Call>();
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    Slot& slot = slots_[index];
    slot.used = true;
    underWay_.add(1);
    if (pipeline.number < types_) started_[pipeline.number].add(1);
    Call& call = *slot.call;
    call.id = {index, slot.generation};
    call.message = std::move(message);
    call.caller = &caller;
    call.pipeline = &pipeline;
    call.step = 0;
    call.startedMs = shard_.nowMs();
    call.departed = false;
    call.conceals = false;
    call.pending = false;
    call.running = false;
    const CallId id = call.id;
    run(id);
    return id;
}

Call* Runner::find(CallId id) {
    if (id.slot >= slots_.size()) return nullptr;
    Slot& slot = slots_[id.slot];
    return slot.used && slot.generation == id.generation ? slot.call.get() : nullptr;
}

bool Runner::complete(CallId id, Outcome outcome) {
    Call* call = find(id);
    assert(outcome == Outcome::proceed || outcome == Outcome::stop);
    if (call == nullptr) return false;
    if (call->running && !call->stoppedEarly && !call->proceededEarly) {
        (outcome == Outcome::stop ? call->stoppedEarly : call->proceededEarly) = true;
        return true;
    }
    if (!call->pending) return false;
    call->pending = false;
    --pending_;
    leave(*call, call->pipeline->steps[call->step], outcome);
    if (outcome == Outcome::stop) {
        end(*call, Ending::finished);
        return true;
    }
    ++call->step;
    run(id);
    return true;
}

bool Runner::refuse(CallId id, const core::Error& error) {
    Call* call = find(id);
    if (call == nullptr) return false;
    if (call->pending) {
        call->pending = false;
        --pending_;
    }
    leave(*call, call->pipeline->steps[call->step], Outcome::refused);
    call->caller->refuse(*call, error);
    // The sender may have been closed by what it was told.
    call = find(id);
    if (call != nullptr) end(*call, Ending::finished);
    return true;
}

void Runner::cancel(const Caller& caller) {
    for (Slot& slot : slots_) {
        if (!slot.used || slot.call->caller != &caller) continue;
        Call& call = *slot.call;
        if (call.pending) {
            call.pending = false;
            --pending_;
        }
        if (call.step < call.pipeline->steps.size()) {
            figures_[call.pipeline->steps[call.step].meter].inFlight.subtract(1);
        }
        call.departed = true;
        end(call, Ending::cancelled);
    }
}

void Runner::refuseAll(const Caller& caller, const core::Error& error) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (slots_[i].used && slots_[i].call->caller == &caller) refuse(slots_[i].call->id, error);
    }
}

Runner::Ending Runner::ending(CallId id) const {
    if (id.slot >= slots_.size()) return Ending::none;
    const Slot& slot = slots_[id.slot];
    return slot.generation == id.generation + 1 ? slot.lastEnding : Ending::none;
}

void Runner::run(CallId id) {
    for (;;) {
        // Looked up again after every stage: a stage may end its own call, or close its sender.
        Call* call = find(id);
        if (call == nullptr) return;
        const Pipeline& pipeline = *call->pipeline;
        if (call->step == pipeline.steps.size()) return end(*call, Ending::finished);
        const Step& step = pipeline.steps[call->step];
        const bool last = call->step + 1 == pipeline.steps.size();
        enter(*call, step);
        core::Error error;
        const Outcome outcome = runStage(*call, step, error);
        call = find(id);
        if (call == nullptr) return;
        switch (outcome) {
            case Outcome::proceed:
                leave(*call, step, outcome);
                if (last) depart(*call);
                ++call->step;
                continue;
            case Outcome::stop:
                leave(*call, step, outcome);
                return end(*call, Ending::finished);
            case Outcome::refused:
                refuse(id, error);
                return;
            case Outcome::pending:
                call->pending = true;
                ++pending_;
                if (last && !step.stage->blocking()) depart(*call);
                return watchDeadlines();
        }
    }
}

Outcome Runner::runStage(Call& call, const Step& step, core::Error& error) {
    const CallId id = call.id;
    call.running = true;
    call.stoppedEarly = false;
    call.proceededEarly = false;
    const Outcome outcome = step.stage->run(call, error);
    // The slot may serve another call by now, which is not running.
    if (find(id) == nullptr) return outcome;
    call.running = false;
    if (outcome != Outcome::pending) return outcome;
    if (call.stoppedEarly) return Outcome::stop;
    return call.proceededEarly ? Outcome::proceed : Outcome::pending;
}

void Runner::enter(Call& call, const Step& step) {
    StageFigures& figures = figures_[step.meter];
    figures.received.add(1);
    figures.inFlight.add(1);
    call.deadlineMs = shard_.nowMs() + step.timeoutMs;
    call.sampledSinceNs = 0;
    if (untilSample_-- == 0) {
        untilSample_ = kSampleEvery - 1;
        call.sampledSinceNs = static_cast<std::uint64_t>(shard_.clock().steadyNs());
    }
}

void Runner::leave(Call& call, const Step& step, Outcome outcome) {
    StageFigures& figures = figures_[step.meter];
    figures.inFlight.subtract(1);
    if (outcome == Outcome::proceed) figures.passed.add(1);
    if (outcome == Outcome::stop) figures.stopped.add(1);
    if (outcome == Outcome::refused) figures.refused.add(1);
    if (call.sampledSinceNs == 0) return;
    const auto now = static_cast<std::uint64_t>(shard_.clock().steadyNs());
    figures.sampledNs.record(now - call.sampledSinceNs);
    call.sampledSinceNs = 0;
}

void Runner::depart(Call& call) {
    if (call.departed) return;
    call.departed = true;
    call.caller->departed(call);
}

void Runner::end(Call& call, Ending ending) {
    const CallId id = call.id;
    if (!call.departed) {
        depart(call);
        // What runs next may have ended this one by closing its sender.
        if (find(id) == nullptr) return;
    }
    Slot& slot = slots_[id.slot];
    slot.used = false;
    slot.lastEnding = ending;
    ++slot.generation;
    underWay_.subtract(1);
    Caller* caller = call.caller;
    call.caller = nullptr;
    if (ending != Ending::cancelled) caller->ended(call);
    call.message = wire::ClientMessage();
    call.scratch = json::Value();
    free_.push_back(id.slot);
}

void Runner::watchDeadlines() {
    if (sweeping_) return;
    sweeping_ = true;
    sweepTimer_ = shard_.timers().start(shard_.nowMs(), kSweepMs, [this] { sweep(); });
}

void Runner::sweep() {
    sweeping_ = false;
    const std::int64_t now = shard_.nowMs();
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (!slots_[i].used || !slots_[i].call->pending) continue;
        Call& call = *slots_[i].call;
        if (call.deadlineMs > now) continue;
        const Step& step = call.pipeline->steps[call.step];
        figures_[step.meter].timedOut.add(1);
        const CallId id = call.id;
        refuse(id, core::Error::of(core::Code::timedOut,
                                   "stage '" + step.stage->name() + "' did not answer within " +
                                       std::to_string(step.timeoutMs) + " ms"));
        slots_[i].lastEnding = Ending::timedOut;
    }
    if (pending_ > 0) watchDeadlines();
}

}  // namespace syncline::pipeline
