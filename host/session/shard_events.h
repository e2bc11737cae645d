// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "channel/event_sink.h"
#include "core/shard.h"
#include "observe/number.h"
#include "pipeline/caller.h"
#include "pipeline/runner.h"

namespace syncline::session {

/// Takes one shard's events through the pipelines that are written for them, as messages that
/// nobody waits for. Owned by the server; one per shard. [that shard]
///
///     take() -> waiting, up to a limit; beyond it dropped and counted
///            -> in their pipelines, a few at a time, in a task of their own: behind whatever the
///               tick of which they tell has to send
///
/// What a stage makes of an event reaches nobody: answers are thrown away, refusals are counted.
class ShardEvents final : public channel::EventSink, private pipeline::Caller {
public:
    struct Limits {
        std::size_t waitingMax = 10'000;
        std::size_t underWayMax = 256;
    };

    ShardEvents(core::Shard& shard, Limits limits, std::shared_ptr<spdlog::logger> log)
        : shard_(shard), limits_(limits), log_(std::move(log)) {}
    ShardEvents(const ShardEvents&) = delete;
    ShardEvents& operator=(const ShardEvents&) = delete;

    /// From here on events run through `pipelines`, by `runner`. Both outlive this. [setup]
    void serve(pipeline::Runner& runner, const pipeline::PipelineTable& pipelines);

    /// Takes no more, and lets go of what is in its pipelines; before these go.
    void stop();

    // channel::EventSink
    bool wants(channel::EventKind kind) const override { return placeOf(kind) != nullptr; }
    void take(channel::EventKind kind, json::Value body) override;

    std::size_t waiting() const { return waiting_.size(); }
    std::size_t underWay() const { return underWay_; }

    using Counts = std::array<observe::Number, channel::kEventKinds>;
    const Counts& taken() const { return taken_; }      ///< by kind [any thread]
    const Counts& dropped() const { return dropped_; }  ///< for want of room [any thread]
    const Counts& refused() const { return refused_; }  ///< by a stage [any thread]

private:
    struct Waiting {
        channel::EventKind kind;
        wire::ClientMessage message;
    };

    // pipeline::Caller
    bool isClient() const override { return false; }
    const pipeline::Principal* principal() const override { return nullptr; }
    std::string_view transport() const override { return "event"; }
    std::string_view address() const override { return {}; }
    void answer(const pipeline::Call&, std::string_view, const json::Value*) override {}
    void refuse(pipeline::Call& call, const core::Error& error) override;
    void departed(const pipeline::Call&) override {}
    void ended(const pipeline::Call& call) override;

    const pipeline::Pipeline* placeOf(channel::EventKind kind) const {
        return pipelines_[static_cast<std::size_t>(kind)];
    }
    void soon();
    void run();

    core::Shard& shard_;
    const Limits limits_;
    const std::shared_ptr<spdlog::logger> log_;
    pipeline::Runner* runner_ = nullptr;
    std::array<const pipeline::Pipeline*, channel::kEventKinds> pipelines_{};
    std::deque<Waiting> waiting_;
    std::size_t underWay_ = 0;
    bool posted_ = false;
    Counts taken_;
    Counts dropped_;
    Counts refused_;
};

}  // namespace syncline::session
