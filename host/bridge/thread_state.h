// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "json/value.h"

namespace syncline::bridge {

class CallMarker;
class Instance;
class RunningCall;

/// Where the last look at a member by index ended in an object with gaps, so that walking one is
/// not quadratic. Forgotten whenever a plugin is entered: the values may have changed in between.
struct GapWalk {
    const json::Value* object = nullptr;
    std::size_t index = 0;
    json::MemberRange<const json::Member>::Iterator at;
};

/// What the bridge knows about the current thread.
struct ThreadState {
    std::uint64_t runtime = 0;  ///< serial of the runtime that `shard` and `marker` belong to
    std::size_t shard = 0;
    CallMarker* marker = nullptr;
    Instance* instance = nullptr;  ///< whose function this thread is in
    RunningCall* call = nullptr;   ///< the innermost message that it is in that function for
    GapWalk walk;
};

inline constinit thread_local ThreadState threadState;

}  // namespace syncline::bridge
