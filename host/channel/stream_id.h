// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "channel/author.h"

namespace syncline::channel {

/// Names a stream within its channel: 128 bits of SHA-256 over (user, client), so that a client id,
/// which is its owner's secret, is never stored. The default value is nobody's: writes of the
/// server itself, and stamps that lost their author.
struct StreamId {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    bool isNobody() const { return high == 0 && low == 0; }
    auto operator<=>(const StreamId&) const = default;

    static StreamId of(const Author& author);

    /// Of the one write that a user makes under an Idempotency-Key.
    static StreamId ofKey(std::string_view user, std::string_view key);

    std::string toHex() const;
    static std::optional<StreamId> fromHex(std::string_view text);
};

struct StreamIdHash {
    std::size_t operator()(const StreamId& id) const { return id.high; }
};

}  // namespace syncline::channel
