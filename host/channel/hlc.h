// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

#include "core/result.h"
#include "json/value.h"

namespace syncline::channel {

/// A hybrid logical clock of the clients: Unix time, and a counter for what happened within one
/// millisecond. On the wire `[ms, counter]`.
struct Hlc {
    std::int64_t ms = 0;
    std::uint32_t counter = 0;

    auto operator<=>(const Hlc&) const = default;
};

/// Error: badField for anything that is not `[ms, counter]`.
core::Result<Hlc> readHlc(const json::Value& value);

}  // namespace syncline::channel
