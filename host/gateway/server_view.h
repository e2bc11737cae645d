// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/error.h"
#include "json/value.h"

namespace syncline::gateway {

/// What the gateway tells about the server as a whole. Implemented by the composition root.
/// [any thread]
class ServerView {
public:
    virtual ~ServerView() = default;

    /// Nothing while new clients are welcome; else why not: draining, a storage that fails. For a
    /// load balancer: requests are taken all the same.
    virtual std::optional<std::string> notReady() const = 0;

    /// Whether it goes down: what it still answers is the last answer of that connection.
    virtual bool isDraining() const { return false; }

    /// Nothing while new work is taken, which goes on for a while after it is not ready any more;
    /// else why not, and when to try again.
    virtual std::optional<core::Error> refusal() const {
        const auto reason = notReady();
        if (!reason) return std::nullopt;
        return core::Error::of(core::Code::draining, *reason);
    }

    /// Nothing while every shard ticks; else which plugin holds which shard up.
    virtual std::optional<std::string> unhealthy() const = 0;

    /// {status,version,protocol,uptimeMs,shards,connections,plugins,pipelines,…}
    virtual json::Value describe() const = 0;
};

}  // namespace syncline::gateway
