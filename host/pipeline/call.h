// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "json/value.h"
#include "wire/message.h"

namespace syncline::pipeline {

class Caller;
struct Pipeline;

/// Names a call across threads and plugins: dead once the call has ended, and never reused.
struct CallId {
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;

    std::uint64_t packed() const { return std::uint64_t{generation} << 32 | slot; }
    static CallId unpack(std::uint64_t packed) {
        return {static_cast<std::uint32_t>(packed), static_cast<std::uint32_t>(packed >> 32)};
    }
    bool operator==(const CallId&) const = default;
};

/// One message on its way through its pipeline. Owned by the runner of one shard.
struct Call {
    CallId id;
    wire::ClientMessage message;
    Caller* caller = nullptr;
    const Pipeline* pipeline = nullptr;
    std::size_t step = 0;  ///< the stage that runs or that is waited for
    std::int64_t startedMs = 0;
    std::int64_t deadlineMs = 0;  ///< of the current stage, on the shard's steady clock
    bool departed = false;
    bool conceals = false;  ///< what is answered leaves out what the sender may not read
    bool pending = false;
    bool running = false;              ///< within its stage's run()
    bool stoppedEarly = false;         ///< complete(stop) came while its stage was still running
    bool proceededEarly = false;       ///< the same for complete(proceed)
    std::uint64_t sampledSinceNs = 0;  ///< not 0: the current stage's latency is being measured
    json::Value scratch;               ///< a value that the host lends a plugin until the call ends
};

}  // namespace syncline::pipeline
