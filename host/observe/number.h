// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace syncline::observe {

/// A figure with one writer and any number of readers: a plain load and store, no locked
/// instruction on the hot path. Owned by what is counted.
class Number {
public:
    /// [the one thread that counts]
    void add(std::uint64_t by) {
        value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
    }
    void subtract(std::uint64_t by) { add(~by + 1); }

    /// As of about now. [any thread]
    std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

}  // namespace syncline::observe
