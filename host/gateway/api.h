// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "core/clock.h"
#include "core/ids.h"
#include "gateway/event_encoder.h"
#include "gateway/gateway_settings.h"
#include "gateway/tickets.h"

namespace syncline::gateway {

/// What the requests under /api share, over all connections. Owned by the composition root.
class Api {
public:
    Api(const ApiSettings& settings, std::size_t shards, const core::Clock& clock,
        core::Random& random)
        : tickets(settings, clock, random), encoders_(shards) {}

    Tickets tickets;  ///< [any thread]

    EventEncoder& encoder(std::size_t shard) { return encoders_[shard]; }  ///< [that shard]

private:
    std::vector<EventEncoder> encoders_;
};

}  // namespace syncline::gateway
