// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "channel/home.h"
#include "channel/request.h"

namespace syncline::channel {

/// Takes the requests of one shard to the homes: directly to its own, in one task per tick to each
/// other. Owned by the directory. [the asking shard]
class Courier {
public:
    /// `homes` are borrowed; `from` is the index of the asking shard.
    Courier(std::span<const std::unique_ptr<Home>> homes, std::size_t from)
        : homes_(homes), from_(from), waiting_(homes.size()) {}

    void send(Request&& request);

private:
    void flush();
    void hand(Home& home, std::vector<Request> requests);
    void refuseAll(std::vector<Request> requests);

    const std::span<const std::unique_ptr<Home>> homes_;
    const std::size_t from_;
    std::vector<std::vector<Request>> waiting_;  // by home
    bool hooked_ = false;
};

}  // namespace syncline::channel
