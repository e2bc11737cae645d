// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "channel/effect.h"
#include "channel/stream.h"
#include "channel/stream_id.h"

namespace syncline::channel {

/// One consumed number and all that it came to: what becomes durable in one atomic write.
struct Entry {
    std::uint64_t index = 0;  ///< dense in its channel, also over what took no effect
    std::uint64_t seq = 0;    ///< dense over what took effect; 0 for the rest
    std::int64_t atMs = 0;    ///< Unix time
    std::string epoch;        ///< on the first entry of an epoch only; else empty

    StreamId stream;
    std::uint64_t n = 0;
    bool keyed = false;  ///< the stream is that of an Idempotency-Key, and n means nothing
    std::uint64_t done = 0;
    std::int64_t bornMs = 0;  ///< of a stream's first: when its client says it gave it, if that is
                              ///< ahead of `atMs`, since the clock has gone back; else 0
    std::string by;           ///< the user
    std::string origin;       ///< the client's public tag

    StoredVerdict verdict;        ///< its key is the change's; empty for a batch
    std::vector<Effect> effects;  ///< empty unless it took effect; several of a batch, in order
    bool isBatch = false;
    std::string submitted;  ///< the op as it was sent, where an effect is another
    std::uint64_t sum = 0;  ///< the chain over all effects up to this one
};

}  // namespace syncline::channel
