// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace syncline::channel {

/// How a subscriber gets to the head of the channel.
enum class CatchUpMode : std::uint8_t {
    tail,      ///< the updates behind its cursor
    snapshot,  ///< it has none, or one that the log no longer reaches
    reset,     ///< its cursor is of another epoch: a snapshot
    ahead,     ///< its cursor is no point of this history: a snapshot
    records,   ///< what became of the records that changed since its cursor
    count_,
};

std::string_view nameOf(CatchUpMode mode);

}  // namespace syncline::channel
