// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/error.h"

namespace syncline::pipeline {

struct Call;

/// What a stage made of a message, and so what the runner does next.
enum class Outcome {
    proceed,  ///< run the next stage
    stop,     ///< the message is settled
    pending,  ///< wait for Runner::complete or Runner::refuse, at most until the stage's deadline
    refused,  ///< tell the sender the error; run nothing more
};

/// One plugin instance in a pipeline. Implemented by the bridge; owned by the generation. run() is
/// called on every shard, concurrently on several. [shard]
class Stage {
public:
    virtual ~Stage() = default;

    /// What logs and metrics call it: unique.
    virtual const std::string& name() const = 0;

    /// True: it runs on a pool, so the messages behind wait until it has returned, not merely until
    /// it was called.
    virtual bool blocking() const = 0;

    /// `error` is read only after `refused`.
    virtual Outcome run(Call& call, core::Error& error) = 0;
};

}  // namespace syncline::pipeline
