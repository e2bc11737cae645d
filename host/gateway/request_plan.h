// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/task.h"
#include "json/value.h"
#include "wire/http_response.h"
#include "wire/message.h"

namespace syncline::gateway {

/// What came of a request's session.
struct RequestOutcome {
    std::optional<core::Error> refused;  ///< the session was not opened, or ended early
    std::vector<std::string> replies;    ///< to the messages, as JSON texts
    std::vector<std::string> updates;    ///< what a WebSocket would have pushed, likewise
    bool more = false;                   ///< the cursors have not reached their channels' heads
    json::Value principal;               ///< null: no session
};

/// What a request asks of a session of its own, and how that becomes an answer.
struct RequestPlan {
    std::string_view transport = "rest";  ///< what stages see; a literal
    std::string client;                   ///< empty: the request has none
    std::vector<wire::ClientMessage> messages;
    json::Value cursors = json::Value::array();  ///< [{channel,epoch?,seq?,sum?}]
    std::string idempotencyKey;                  ///< of the one op among the messages
    /// Called once, when a session was opened and ended in order.
    core::UniqueFunction<wire::HttpResponse(RequestOutcome&)> finish;
};

}  // namespace syncline::gateway
