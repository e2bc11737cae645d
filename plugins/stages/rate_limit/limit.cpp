// SPDX-License-Identifier: Apache-2.0
#include "limit.h"

#include <charconv>

namespace syncline::rate_limit {

namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kRefillNsMax = 366LL * 24 * 3600 * kSecondNs;

std::int64_t unitNs(std::string_view unit) {
    if (unit == "/s") return kSecondNs;
    if (unit == "/m") return 60 * kSecondNs;
    if (unit == "/h") return 3600 * kSecondNs;
    return unit == "/d" ? 24 * 3600 * kSecondNs : 0;
}

}  // namespace

Limit Limit::of(std::string_view rate, std::int64_t burst) {
    std::int64_t count = 0;
    const auto [end, problem] = std::from_chars(rate.data(), rate.data() + rate.size(), count);
    const std::int64_t perNs = unitNs(rate.substr(static_cast<std::size_t>(end - rate.data())));
    if (problem != std::errc() || count < 1 || perNs / count == 0) return {};
    const Limit limit = {perNs / count, burst == 0 ? count : burst};
    return limit.burst > kRefillNsMax / limit.intervalNs ? Limit() : limit;
}

}  // namespace syncline::rate_limit
