// SPDX-License-Identifier: Apache-2.0
#include "app/goodbye.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

namespace syncline::app {

core::Error goodbye(const settings::DrainSettings& settings, core::Random& random) {
    std::array<unsigned char, sizeof(std::uint64_t)> bytes{};
    random.fill(bytes.data(), bytes.size());
    std::uint64_t drawn = 0;
    std::memcpy(&drawn, bytes.data(), bytes.size());
    const auto choices = static_cast<std::uint64_t>(settings.spreadMs) + 1;
    core::Error error = core::Error::of(core::Code::draining, std::string(kGoodbye));
    // Both are hours at most.
    error.retryAfterMs = static_cast<std::uint32_t>(settings.retryAfterMs) +
                         static_cast<std::uint32_t>(drawn % choices);
    return error;
}

}  // namespace syncline::app
