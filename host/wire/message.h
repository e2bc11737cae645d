// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "json/value.h"

namespace syncline::wire {

/// One message of a client: the envelope checked, the body not. Unknown fields are its type's
/// business.
struct ClientMessage {
    std::string type;              ///< not empty
    json::Value id;                ///< null when absent, else a number or a string
    std::string channel;           ///< empty when absent
    json::Value body;              ///< the whole object, envelope included
    std::string traceparent = {};  ///< of the message; empty when it has none that is one
};

struct MessageLimits {
    std::size_t depthMax = 64;
    std::size_t messagesMax = 256;  ///< in one frame
};

/// Reads a frame: an object, or an array of objects. Code::notJson when it is neither,
/// Code::tooLarge when the array is too long, Code::badField when an envelope field is wrong, and
/// what json::parse() says: nothing of the frame is used then.
core::Result<std::vector<ClientMessage>> parseMessages(std::string_view frame,
                                                       const MessageLimits& limits);

/// The envelope of one object that was parsed already.
core::Result<ClientMessage> messageFrom(json::Value object);

/// A channel, key or user: 1 to 255 bytes of UTF-8 without control characters (C0, DEL, C1) and
/// without a leading `$`, which is reserved. Code::badName.
core::Result<void> checkName(std::string_view name);

}  // namespace syncline::wire
