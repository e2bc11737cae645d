// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "bridge/instance.h"
#include "bridge/running_call.h"
#include "core/result.h"
#include "pipeline/stage.h"

namespace syncline::bridge {

/// A message handler plugin as a stage of pipelines. Owned by the generation, like its instance,
/// which it borrows. [shard]
///
/// A handler that declares itself blocking runs on its instance's pool, on a copy of the message
/// (see CallCopy); at the pool's limits, and when all of its calls hang, only messages for this
/// handler are refused.
class HandlerStage final : public pipeline::Stage {
public:
    /// The instance has been created.
    explicit HandlerStage(Instance& instance);

    const std::string& name() const override { return instance_.name(); }
    bool blocking() const override { return instance_.traits().blocking; }
    pipeline::Outcome run(pipeline::Call& call, core::Error& error) override;

    /// Whether answers to questions can be delivered.
    bool takesAnswers() const;

    /// Hands the handler the answer to its question `tag`, if the call still waits for it. [the
    /// call's shard]
    void deliver(std::size_t shard, pipeline::CallId id, std::uint32_t tag,
                 core::Result<json::Value> result);

private:
    pipeline::Outcome runOnPool(std::size_t shard, const pipeline::Call& call, core::Error& error);
    void work(CallCopy& copy);

    Instance& instance_;
};

}  // namespace syncline::bridge
