// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/shared_bytes.h"

namespace syncline::broadcast {

/// Everything that one tick adds to a topic, encoded once for all its subscribers.
struct Chunk {
    /// Whole WebSocket text frames, one update each. Empty: there is something new, and who wants
    /// it has to ask for what follows what they have.
    core::SharedBytes frames;
    std::uint64_t firstSeq = 0;
    std::uint64_t lastSeq = 0;
    std::string epoch;
    std::string lastSum;  ///< of the update with lastSeq
};

/// A message from one to many that nobody keeps: encoded once for all who get it, and lost to whom
/// it cannot reach now.
struct Signal {
    /// One session of one shard. Session 0 is nobody: numbers begin at 1.
    struct Sender {
        std::size_t shard = 0;
        std::uint64_t session = 0;
        bool operator==(const Sender&) const = default;
    };

    core::SharedBytes frames;  ///< one whole WebSocket text frame
    Sender sender;             ///< does not get it
};

/// Who gets a topic's chunks and signals. Owned by the session layer; lives on one shard. [that
/// shard]
class Subscriber {
public:
    virtual ~Subscriber() = default;

    /// The next chunk of the topic, in order, each once.
    virtual void deliver(const Chunk& chunk) = 0;

    /// A signal, if it is for this one and there is room for it: whether it was taken.
    virtual bool deliverSignal(const Signal& signal) {
        static_cast<void>(signal);
        return false;
    }
};

}  // namespace syncline::broadcast
