// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/result.h"
#include "core/shard.h"
#include "pipeline/call.h"
#include "pipeline/pipeline.h"
#include "pipeline/stage_figures.h"

namespace syncline::pipeline {

/// Takes the calls of one shard through their pipelines. Owned by the shard's context. [its shard]
///
/// A call ends exactly once: by its last stage, a refusal, its deadline or cancel(). Ids of ended
/// calls find nothing, so a late or a second completion cannot reach a stranger's call.
class Runner {
public:
    /// `callsMax`: calls under way on this shard; beyond: 1404. `meters` and `types`: how many of
    /// the pipelines' stages and of the pipelines themselves are counted.
    Runner(core::Shard& shard, std::size_t callsMax, std::size_t meters, std::size_t types = 0);
    ~Runner();
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    /// Runs the message until it ends or a stage is pending; the id may be dead already. On an
    /// error nothing was started.
    core::Result<CallId> start(const Pipeline& pipeline, wire::ClientMessage&& message,
                               Caller& caller);

    /// The live call with that id; null once it has ended.
    Call* find(CallId id);

    /// Goes on after a pending stage, with `proceed` or `stop`. While the stage still runs it is
    /// taken as the end of the wait that the stage is about to ask for. False: no such call waits.
    bool complete(CallId id, Outcome outcome);

    /// Ends the call with an error to its sender. False: no such call.
    bool refuse(CallId id, const core::Error& error);

    /// Ends the calls of a sender who goes; nothing is sent.
    void cancel(const Caller& caller);

    /// Ends the calls of a sender who waits no longer, each with the error.
    void refuseAll(const Caller& caller, const core::Error& error);

    /// How the last call under this id ended, for telling misbehaviour from bad luck.
    enum class Ending : std::uint8_t { none, finished, timedOut, cancelled };
    Ending ending(CallId id) const;

    std::size_t underWay() const { return underWay_.get(); }  ///< [any thread]
    std::span<const StageFigures> figures() const { return {figures_.get(), meters_}; }

    /// Messages by Pipeline::number. [any thread]
    std::span<const observe::Number> started() const { return {started_.get(), types_}; }

private:
    struct Slot {
        std::unique_ptr<Call> call;
        std::uint32_t generation = 1;
        bool used = false;
        Ending lastEnding = Ending::none;
    };

    void run(CallId id);
    Outcome runStage(Call& call, const Step& step, core::Error& error);
    void enter(Call& call, const Step& step);
    void leave(Call& call, const Step& step, Outcome outcome);
    void depart(Call& call);
    void end(Call& call, Ending ending);
    void watchDeadlines();
    void sweep();

    core::Shard& shard_;
    const std::size_t callsMax_;
    const std::size_t meters_;
    const std::size_t types_;
    std::unique_ptr<StageFigures[]> figures_;
    std::unique_ptr<observe::Number[]> started_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    observe::Number underWay_;
    std::size_t pending_ = 0;
    std::uint32_t untilSample_ = 0;
    core::TimerWheel::Id sweepTimer_;
    bool sweeping_ = false;
};

}  // namespace syncline::pipeline
