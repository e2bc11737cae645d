// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "broadcast/subscriber.h"
#include "channel/directory.h"
#include "channel/directory_settings.h"
#include "channel/request.h"
#include "channel/signal_room.h"
#include "core/result.h"

namespace syncline::channel {

/// What a home sends to the shards: answers and broadcasts, in one order per shard, handed over in
/// one task per shard and tick. One order, because a subscriber must be in its topic before the
/// chunks that follow its catch-up come. One per home. [its shard]
class Deliveries {
public:
    /// `seats` are borrowed; `own` is the index of this shard, whose deliveries are run directly.
    /// `signalBytesMax`: of signals on their way to one shard.
    Deliveries(std::span<const ShardSeat> seats, std::size_t own, std::size_t signalBytesMax);

    void answer(std::size_t shard, Directory::Answer answer, std::string body);
    void answer(std::size_t shard, Directory::CatchUpAnswer answer, core::Result<CatchUp> catchUp);
    void answer(std::size_t shard, BodiesAnswer answer, std::vector<std::string> bodies);
    void answer(std::size_t shard, Directory::SignalAnswer answer, core::Result<void> outcome);
    void publish(std::size_t shard, std::string topic, broadcast::Chunk chunk);
    /// Dropped when too much of the kind is on its way to that shard: nobody waits for a signal.
    void publish(std::size_t shard, std::string topic, broadcast::Signal signal);

    /// Refuses a request of any kind.
    void refuse(Request request, const core::Error& error);

    bool empty() const { return empty_; }

    /// Hands over everything.
    void flush();

private:
    struct OpDelivery {
        Directory::Answer answer;
        std::string body;
    };
    struct JoinDelivery {
        Directory::CatchUpAnswer answer;
        core::Result<CatchUp> catchUp;
    };
    struct BodiesDelivery {
        BodiesAnswer answer;
        std::vector<std::string> bodies;
    };
    struct Publication {
        std::string topic;
        broadcast::Chunk chunk;
    };
    struct SignalDelivery {
        Directory::SignalAnswer answer;
        core::Result<void> outcome;
    };
    struct SignalPublication {
        std::string topic;
        broadcast::Signal signal;
        SignalRoom::Place place;
    };
    using Delivery = std::variant<OpDelivery, JoinDelivery, BodiesDelivery, Publication,
                                  SignalDelivery, SignalPublication>;

    static void run(std::vector<Delivery>& deliveries, broadcast::TopicIndex* topics);
    void add(std::size_t shard, Delivery delivery);

    const std::span<const ShardSeat> seats_;
    const std::size_t own_;
    std::vector<std::vector<Delivery>> waiting_;  // by shard
    std::vector<SignalRoom> signalRoom_;          // by shard
    bool empty_ = true;
};

}  // namespace syncline::channel
