// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstdint>
#include <string_view>
#include <syncline/plugin/component.hpp>

namespace syncline {

/// Tells other nodes that a channel has grown. A hint: losing one costs latency, never data.
/// `shard` is what openShard() returned. [shard]
class Broker : public Component {
public:
    /// `channel` has committed up to `seq`.
    virtual void announce(std::string_view channel, std::string_view epoch, std::uint64_t seq,
                          ShardState* shard) = 0;

    /// Whether this node hears about `channel` from now on.
    virtual void interest(std::string_view channel, bool wanted, ShardState* shard) = 0;
};

namespace detail {

inline void announce(void* self, void* shard, syncline_text channel, syncline_text epoch,
                     std::uint64_t seq) noexcept {
    auto& broker = instance<Broker>(self);
    guardedLog(broker, "announce",
               [&] { broker.announce(toView(channel), toView(epoch), seq, shardState(shard)); });
}

inline void interest(void* self, void* shard, syncline_text channel, std::int32_t wanted) noexcept {
    auto& broker = instance<Broker>(self);
    guardedLog(broker, "interest",
               [&] { broker.interest(toView(channel), wanted != 0, shardState(shard)); });
}

inline constexpr syncline_broker brokerFunctions = {sizeof(syncline_broker), &announce, &interest};

}  // namespace detail
}  // namespace syncline
