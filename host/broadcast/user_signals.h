// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "broadcast/subscriber.h"
#include "broadcast/topic_index.h"
#include "core/shard.h"
#include "core/task.h"

namespace syncline::broadcast {

/// Takes signals to all connections of a user, wherever they are: on every shard stands an index
/// whose topics are users. One per server; borrowed by the session layer. [any shard]
class UserSignals {
public:
    struct Seat {
        core::Shard* shard = nullptr;
        TopicIndex* users = nullptr;
    };
    using Answer = core::UniqueFunction<void(std::size_t connections)>;

    /// Seats are borrowed, in the order of the shards.
    explicit UserSignals(std::vector<Seat> seats) : seats_(std::move(seats)) {}

    /// `answer` runs later on `from`, with how many connections took it. A shard whose inbox is
    /// full is left out: nothing waits for it.
    void send(core::Shard& from, std::string user, Signal signal, Answer answer) const;

private:
    const std::vector<Seat> seats_;
};

}  // namespace syncline::broadcast
