// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace syncline::pipeline {

/// What one shard's runner counted of one stage. Written by its shard alone, read by anyone: a
/// plain load and store, no locked instruction on the hot path.
class StageFigures {
public:
    class Number {
    public:
        void add(std::uint64_t by) {
            value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
        }
        void subtract(std::uint64_t by) { add(~by + 1); }
        std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

    private:
        std::atomic<std::uint64_t> value_{0};
    };

    Number received;
    Number passed;
    Number stopped;
    Number refused;
    Number timedOut;
    Number inFlight;
    Number sampledCalls;  ///< how many latencies were measured
    Number sampledNs;     ///< their sum
};

}  // namespace syncline::pipeline
