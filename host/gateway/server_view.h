// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "json/value.h"

namespace syncline::gateway {

/// What the gateway tells about the server as a whole. Implemented by the composition root.
/// [any thread]
class ServerView {
public:
    virtual ~ServerView() = default;

    /// Nothing while new clients are welcome; else why not: draining, a storage that fails.
    virtual std::optional<std::string> notReady() const = 0;

    /// Nothing while every shard ticks; else which plugin holds which shard up.
    virtual std::optional<std::string> unhealthy() const = 0;

    /// {status,version,protocol,uptimeMs,shards,connections,plugins,pipelines,…}
    virtual json::Value describe() const = 0;
};

}  // namespace syncline::gateway
