// SPDX-License-Identifier: Apache-2.0
#include "channel/hlc.h"

#include <limits>
#include <optional>

#include "channel/op_kind.h"

namespace syncline::channel {

core::Result<Hlc> readHlc(const json::Value& value) {
    constexpr std::int64_t kCounterMax = std::numeric_limits<std::uint32_t>::max();
    const auto part = [&](std::size_t index) -> std::optional<std::int64_t> {
        if (!value.isArray() || value.size() != 2) return std::nullopt;
        return value[index].toInteger();
    };
    const std::optional<std::int64_t> ms = part(0);
    const std::optional<std::int64_t> counter = part(1);
    if (!ms || !counter || *ms < 0 || *counter < 0 || *counter > kCounterMax)
        return core::fail(wrongMember(
            "hlc", "[ms, counter] is due: Unix milliseconds, and a whole number below 2^32"));
    return Hlc{*ms, static_cast<std::uint32_t>(*counter)};
}

}  // namespace syncline::channel
