// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/shared_bytes.h"

namespace syncline::broadcast {

/// Everything that one tick adds to a topic, encoded once for all its subscribers.
struct Chunk {
    core::SharedBytes frames;  ///< whole WebSocket text frames, one update each
    std::uint64_t firstSeq = 0;
    std::uint64_t lastSeq = 0;
    std::string epoch;
    std::string lastSum;  ///< of the update with lastSeq
};

/// Who gets a topic's chunks. Owned by the session layer; lives on one shard. [that shard]
class Subscriber {
public:
    virtual ~Subscriber() = default;

    /// The next chunk of the topic, in order, each once.
    virtual void deliver(const Chunk& chunk) = 0;
};

}  // namespace syncline::broadcast
