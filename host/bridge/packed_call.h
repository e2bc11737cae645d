// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstddef>
#include <cstdint>

#include "pipeline/call.h"

namespace syncline::bridge {

/// A call as plugins name it: {generation: 32, shard: 8, slot: 24} bits, so that a completion from
/// any thread finds its shard. Never 0, as generations start at 1.
struct PackedCall {
    static constexpr std::size_t kShardsMax = std::size_t{1} << 8;
    static constexpr std::size_t kSlotsMax = std::size_t{1} << 24;

    std::size_t shard = 0;
    pipeline::CallId id;

    static constexpr bool fits(std::size_t shard, pipeline::CallId id) {
        return shard < kShardsMax && id.slot < kSlotsMax;
    }

    constexpr syncline_call packed() const {
        return std::uint64_t{id.generation} << 32 | std::uint64_t{shard} << 24 | id.slot;
    }

    static constexpr PackedCall unpack(syncline_call call) {
        return {
            (call >> 24) % kShardsMax,
            {static_cast<std::uint32_t>(call % kSlotsMax), static_cast<std::uint32_t>(call >> 32)}};
    }
};

}  // namespace syncline::bridge
