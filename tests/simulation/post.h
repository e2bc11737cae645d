// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "channel/stream_id.h"
#include "gateway/request_session.h"
#include "json/value.h"

namespace syncline::simulation {

/// One POST of a client: a request, the session that it gets at the server, and the answer. Owned
/// by the network.
struct Post {
    std::uint64_t number = 0;
    std::size_t client = 0;
    std::size_t shard = 0;
    channel::StreamId stream;  ///< in whichever channel; the client's when it asked
    json::Value request;       ///< {client, messages, cursors}
    json::Value answer;        ///< {replies, updates, more}, once it is there
    bool answered = false;
    std::unique_ptr<gateway::RequestSession> session;
};

}  // namespace syncline::simulation
