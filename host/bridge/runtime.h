// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/call_marker.h"
#include "core/clock.h"
#include "core/ids.h"
#include "core/shard.h"
#include "pipeline/runner.h"

namespace syncline::bridge {

/// What every component instance of a server stands on: the shards with their runners, and where
/// time, randomness and log lines come from. One per server, made by the composition root; outlives
/// all instances, and everything that they posted.
class Runtime {
public:
    struct Seat {
        core::Shard* shard = nullptr;
        pipeline::Runner* runner = nullptr;
        CallMarker marker;
    };

    Runtime(std::size_t shardCount, const core::Clock& clock, core::Random& random,
            std::shared_ptr<spdlog::logger> log);
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    /// Before messages run. `runner` may be null until then. [control]
    void seat(std::size_t index, core::Shard& shard, pipeline::Runner* runner);

    std::size_t shardCount() const { return seats_.size(); }
    Seat& at(std::size_t shard) { return seats_[shard]; }

    /// Which function of which plugin that shard is in. [any]
    CallMarker::Place whereabouts(std::size_t shard) const { return seats_[shard].marker.get(); }

    /// Says that the current thread is that shard's. [its shard]
    void claimThread(std::size_t shard);

    /// The shard whose thread this is; shardCount() for a thread that is none's.
    std::size_t currentShard();

    /// Whether what the bridge remembers of the current thread is about this runtime.
    bool ownsThread() const;

    /// The same text for ever: what markers point to. [any]
    const char* intern(std::string_view text);

    const core::Clock& clock() const { return clock_; }
    core::Random& random() { return random_; }
    const std::shared_ptr<spdlog::logger>& log() const { return log_; }

private:
    const std::uint64_t serial_;  ///< an address may come again, this does not
    std::vector<Seat> seats_;
    const core::Clock& clock_;
    core::Random& random_;
    const std::shared_ptr<spdlog::logger> log_;  ///< shared: spdlog hands loggers out that way
};

}  // namespace syncline::bridge
