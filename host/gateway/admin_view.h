// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"
#include "core/shard.h"
#include "core/task.h"
#include "json/value.h"

namespace syncline::gateway {

/// What the gateway tells whoever runs the server. Implemented by the composition root.
class AdminView {
public:
    virtual ~AdminView() = default;

    /// All figures in the text format of Prometheus. [any thread]
    virtual std::string metrics() const = 0;

    /// The server, its shards, plugins, pipelines, channels and connections. `answer` runs later on
    /// `from`, also when a shard has not answered in time. [from]
    virtual void stats(core::Shard& from,
                       core::UniqueFunction<void(const json::Value&)> answer) const = 0;

    /// Has a storage write a copy of itself: {storage,file,bytes}. `answer` runs on `from`, at once
    /// or when the copy is whole. [from]
    virtual void backUp(core::Shard& from, const std::string& storage,
                        core::UniqueFunction<void(core::Result<json::Value>)> answer) const = 0;
};

}  // namespace syncline::gateway
