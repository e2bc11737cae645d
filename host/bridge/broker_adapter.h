// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/instance.h"
#include "channel/broker.h"

namespace syncline::bridge {

/// A broker plugin as the channel layer's broker. Owned by the server, like its instance, which it
/// borrows. [shard]
class BrokerAdapter final : public channel::Broker {
public:
    /// The instance has been created.
    explicit BrokerAdapter(Instance& instance) : instance_(instance) {}

    void announce(std::string_view channel, std::string_view epoch, std::uint64_t seq) override;
    void interest(std::string_view channel, bool wanted) override;

private:
    void* shardState() { return instance_.shardState(instance_.runtime().currentShard()); }

    Instance& instance_;
};

}  // namespace syncline::bridge
