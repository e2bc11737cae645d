// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "bridge/instance.h"
#include "channel/conflict_strategy.h"

namespace syncline::bridge {

/// A strategy plugin as the sequencer's strategy. Owned by the generation, like its instance, which
/// it borrows. decide() runs on any shard, concurrently on several.
class StrategyAdapter final : public channel::ConflictStrategy {
public:
    /// The instance has been created.
    explicit StrategyAdapter(Instance& instance) : instance_(instance) {}

    /// What `syncline_verdicts::otherwise` asks; null: the answer is a conflict. [control, before
    /// use]
    void setOtherwise(channel::ConflictStrategy* otherwise) { otherwise_ = otherwise; }

    bool asksAlways() const override { return instance_.traits().asksAlways; }

    /// Error: pluginFailed, when the plugin failed or did not give one verdict per path.
    core::Result<std::vector<channel::PathVerdict>> decide(
        const channel::ConflictQuestion& question) override;

    /// Questions that took longer than the instance's limit. [any]
    std::uint64_t slowDecisions() const { return slow_.load(std::memory_order_relaxed); }

private:
    void measure(std::int64_t sinceNs, const channel::ConflictQuestion& question);

    Instance& instance_;
    channel::ConflictStrategy* otherwise_ = nullptr;
    std::atomic<std::uint64_t> slow_{0};
};

}  // namespace syncline::bridge
