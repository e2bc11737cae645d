// SPDX-License-Identifier: Apache-2.0
#include "session/shard_events.h"

#include <utility>

namespace syncline::session {

namespace {

/// How many begin in one task: a tick's own work comes in between.
constexpr std::size_t kStartedAtOnceMax = 64;

std::size_t indexOf(channel::EventKind kind) {
    return static_cast<std::size_t>(kind);
}

}  // namespace

void ShardEvents::stop() {
    pipelines_.fill(nullptr);
    waiting_.clear();
    if (runner_ != nullptr) runner_->cancel(*this);
    underWay_ = 0;
}

void ShardEvents::serve(pipeline::Runner& runner, const pipeline::PipelineTable& pipelines) {
    runner_ = &runner;
    for (std::size_t i = 0; i < pipelines_.size(); ++i) {
        pipelines_[i] = pipelines.findEvent(channel::kEventNames[i]);
    }
}

void ShardEvents::take(channel::EventKind kind, json::Value body) {
    const pipeline::Pipeline* pipeline = placeOf(kind);
    if (pipeline == nullptr) return;
    taken_[indexOf(kind)].add(1);
    if (waiting_.size() >= limits_.waitingMax) {
        dropped_[indexOf(kind)].add(1);
        return;
    }
    Waiting event{kind, {}};
    event.message.type = pipeline->type;
    if (const json::Value* channel = body.find("channel"); channel != nullptr) {
        event.message.channel = channel->asString();
    }
    body.set("type", event.message.type);
    if (!body.contains("at")) body.set("at", shard_.clock().wallMs());
    event.message.body = std::move(body);
    waiting_.push_back(std::move(event));
    soon();
}

void ShardEvents::soon() {
    if (posted_ || waiting_.empty() || underWay_ >= limits_.underWayMax) return;
    posted_ = true;
    shard_.postAlways([this] { run(); });
}

void ShardEvents::run() {
    posted_ = false;
    std::size_t started = 0;
    while (!waiting_.empty() && underWay_ < limits_.underWayMax && started < kStartedAtOnceMax) {
        Waiting event = std::move(waiting_.front());
        waiting_.pop_front();
        ++started;
        ++underWay_;
        if (runner_->start(*placeOf(event.kind), std::move(event.message), *this)) continue;
        --underWay_;
        dropped_[indexOf(event.kind)].add(1);
    }
    soon();
}

void ShardEvents::refuse(pipeline::Call& call, const core::Error& error) {
    for (std::size_t i = 0; i < pipelines_.size(); ++i) {
        if (pipelines_[i] == call.pipeline) refused_[i].add(1);
    }
    log_->debug("{}: refused: {}", call.pipeline->type, error.reason);
}

void ShardEvents::ended(const pipeline::Call& /*call*/) {
    --underWay_;
    soon();
}

}  // namespace syncline::session
