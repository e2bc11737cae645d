// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "channel/directory.h"
#include "channel/op.h"
#include "channel/shared_author.h"

namespace syncline::channel {

using BodiesAnswer = core::UniqueFunction<void(std::vector<std::string> bodies)>;

struct OpRequest {
    Op op;
    SharedAuthor author;
    Directory::Answer answer;
    std::string idempotencyKey = {};  ///< empty: an op with a number in its author's stream
};

struct JoinRequest {
    SubscribeRequest subscribe;
    Directory::CatchUpAnswer answer;
};

struct LeaveRequest {};

struct SnapshotRequest {
    Selection wanted;
    SharedAuthor author;
    BodiesAnswer answer;
};

struct SignalRequest {
    broadcast::Signal signal;
    Directory::SignalAnswer answer;
};

struct PresenceRequest {
    PresenceChange change;
    BodiesAnswer answer;  ///< may be empty
};

/// The log from a seq on, as far as one message carries it.
struct HistoryRequest {
    LogSpan span;
    BodiesAnswer answer;
};

/// The verdicts of own numbers.
struct OutcomesRequest {
    std::vector<std::uint64_t> numbers;
    SharedAuthor author;
    BodiesAnswer answer;
};

/// What a shard asks of a channel's home. Answers belong to the asking shard: the home carries them
/// back without calling them.
struct Request {
    std::size_t from = 0;  ///< index of the asking shard
    std::string channel;
    std::variant<OpRequest, JoinRequest, LeaveRequest, SnapshotRequest, HistoryRequest,
                 OutcomesRequest, SignalRequest, PresenceRequest>
        what;
};

/// Whether it must arrive however busy the home is: it tells that somebody has gone.
bool mustArrive(const Request& request);

/// What one that waits costs, about.
std::size_t bytesOf(const Request& request);

}  // namespace syncline::channel
