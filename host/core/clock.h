// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace syncline::core {

/// Where time comes from. Passed in everywhere, so that a test can turn the hands. [any thread]
class Clock {
public:
    virtual ~Clock() = default;

    /// Milliseconds that never go back, from an arbitrary start. For time-outs.
    virtual std::int64_t steadyMs() const = 0;

    /// Nanoseconds that never go back, from an arbitrary start. For measuring.
    virtual std::int64_t steadyNs() const = 0;

    /// Milliseconds since 1970-01-01T00:00:00Z. For people and tokens, never for order.
    virtual std::int64_t wallMs() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
public:
    std::int64_t steadyMs() const override;
    std::int64_t steadyNs() const override;
    std::int64_t wallMs() const override;
};

}  // namespace syncline::core
