// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "channel/channel_state.h"
#include "channel/history.h"
#include "channel/storage.h"

namespace syncline::channel {

struct CheckpointLimits {
    History::Limits history;
    std::int64_t streamAgeMsMax = 0;
};

/// What one checkpoint writes, and what may be forgotten once it is written.
struct CheckpointPlan {
    Checkpoint checkpoint;
    CommittedState::Changes changes;  ///< to be put back if it cannot be written
    std::optional<std::uint64_t> trimBelowIndex;
};

/// Images of all that changed since the last checkpoint, as of the committed index. On the way the
/// state forgets tombstones that the log has passed and streams that are too old.
CheckpointPlan planCheckpoint(ChannelState& state, const std::string& channel,
                              const CheckpointLimits& limits, std::int64_t nowMs);

}  // namespace syncline::channel
