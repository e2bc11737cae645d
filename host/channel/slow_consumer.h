// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace syncline::channel {

/// What becomes of a live subscriber whose outbox has no room for the next update.
enum class SlowConsumer : std::uint8_t {
    recover,     ///< it gets what it missed from the log, once there is room
    conflate,    ///< it gets what the changed records then are
    disconnect,  ///< it is told 4002 and comes back when it likes
};

}  // namespace syncline::channel
