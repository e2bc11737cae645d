// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include "syncline/testing/instance.h"

namespace syncline::conformance {

/// Takes messages through a handler as the host does: calls it on its shard, answers what it asks,
/// waits for what it does later. Owned by the test; each shard is used by one thread at a time.
class HandlerDriver {
public:
    /// `instance` is alive, with as many shards as requests name.
    explicit HandlerDriver(Instance& instance) : instance_(instance) {}

    /// One message from its coming to its end, or to the end of patience.
    Settled send(const Request& request);
    /// Only on_message, with nothing answered.
    syncline_call begin(const Request& request);
    /// What send() does behind begin().
    Settled finish(syncline_call call);
    MockCalls& calls() { return instance_.host().calls(); }

private:
    void enter(syncline_call call, const MockCalls::Question* question);

    Instance& instance_;
    std::map<syncline_call, std::uint32_t> shardOf_;
    std::mutex mutex_;
};

}  // namespace syncline::conformance
