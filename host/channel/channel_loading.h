// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "channel/committed_state.h"
#include "channel/storage.h"
#include "core/result.h"

namespace syncline::channel {

struct LoadSettings {
    std::string channel;
    std::string freshEpoch;   ///< for a channel that has none yet
    bool renewEpoch = false;  ///< take freshEpoch even if it has one: commits may have been lost
    std::size_t stampsMax = 0;
    std::size_t logOpsMax = 0;  ///< kept in memory
    std::size_t logBytesMax = 0;
};

/// The head of a channel whose import (transfer.h) has not come to its end.
inline constexpr std::string_view kUnfinishedImport = "unfinished import";

/// A channel's committed state: its checkpoint, and every entry behind it applied plainly. Errors
/// name the channel: a log with a gap, or whose chain of sums is broken, is never taken for whole.
/// [a thread that may block]
core::Result<CommittedState> loadChannel(Storage& storage, const LoadSettings& settings);

/// Applies an entry that follows the state. False when it does not.
bool replay(CommittedState& state, Entry entry, std::string_view quotedChannel,
            std::size_t stampsMax);

}  // namespace syncline::channel
