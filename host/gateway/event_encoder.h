// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/shared_bytes.h"
#include "gateway/event_cursors.h"

namespace syncline::gateway {

/// Appends one message as an event, with the id of where the stream is after it. A message is JSON
/// as the server writes it: without line breaks.
void appendEvent(std::string& out, std::string_view message, EventCursors& cursors);

/// Turns what was encoded for WebSockets into events. What a topic sends is the same for all
/// streams that follow that channel alone and stand at the same place, so it is turned once for
/// them. One per shard; [that shard].
class EventEncoder {
public:
    /// The frames as events; `cursors` moves to where the stream is after them.
    core::SharedBytes encode(const core::SharedBytes& frames, EventCursors& cursors);

private:
    /// What was turned last. Holds the frames, so that their address means nothing else meanwhile.
    struct Turned {
        core::SharedBytes frames;
        EventCursors before;
        EventCursors after;
        core::SharedBytes events;
    };
    Turned last_;
};

}  // namespace syncline::gateway
