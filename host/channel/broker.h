// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace syncline::channel {

/// Tells other nodes that a channel has grown. A hint: losing one costs latency and never data.
/// Implemented by the bridge over broker plugins. [home shard of the channel]
class Broker {
public:
    virtual ~Broker() = default;
    virtual void announce(std::string_view channel, std::string_view epoch, std::uint64_t seq) = 0;
    virtual void interest(std::string_view channel, bool wanted) = 0;
};

}  // namespace syncline::channel
