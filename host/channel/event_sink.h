// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "json/value.h"

namespace syncline::channel {

/// What happens in the life of connections and channels, and may be told.
enum class EventKind : std::uint8_t {
    connected,     ///< a session was opened
    disconnected,  ///< it ended
    subscribed,    ///< it follows a channel
    committed,     ///< an op took effect, and is durable
    conflict,      ///< an op met the change of another, and the server's value stands
    count_,
};

inline constexpr std::size_t kEventKinds = static_cast<std::size_t>(EventKind::count_);

/// By EventKind.
inline constexpr std::array<std::string_view, kEventKinds> kEventNames = {
    "connected", "disconnected", "subscribed", "committed", "conflict"};

/// Takes the events of one shard. Borrowed by whoever tells; never holds them up. [that shard]
class EventSink {
public:
    virtual ~EventSink() = default;

    /// Whether anybody is told of such: else there is no need to put it into words.
    virtual bool wants(EventKind kind) const = 0;

    /// `body`: an object; `type` and `at` are added to it.
    virtual void take(EventKind kind, json::Value body) = 0;
};

}  // namespace syncline::channel
