// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "observe/distribution.h"
#include "observe/number.h"

namespace syncline::pipeline {

/// What one shard's runner counted of one stage. Written by its shard alone, read by anyone.
struct StageFigures {
    using Number = observe::Number;

    Number received;
    Number passed;
    Number stopped;
    Number refused;
    Number timedOut;  ///< these are among the refused
    Number inFlight;
    observe::Distribution sampledNs;  ///< of the calls whose latency was measured
};

}  // namespace syncline::pipeline
