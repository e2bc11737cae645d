// SPDX-License-Identifier: Apache-2.0
#include "wire/traceparent.h"

#include <algorithm>

namespace syncline::wire {

namespace {

constexpr std::size_t kBytes = 55;      ///< 2 + 1 + 32 + 1 + 16 + 1 + 2
constexpr std::size_t kBytesMax = 256;  ///< of a later version

bool isHex(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool isId(std::string_view text) {
    return isHex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

bool isVisible(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

bool isTraceparent(std::string_view text) {
    if (text.size() < kBytes || text.size() > kBytesMax) return false;
    if (text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
    const std::string_view version = text.substr(0, 2);
    if (!isHex(version) || version == "ff") return false;
    if (!isId(text.substr(3, 32)) || !isId(text.substr(36, 16))) return false;
    if (!isHex(text.substr(53, 2))) return false;
    const std::string_view rest = text.substr(kBytes);
    if (rest.empty()) return true;
    return version != "00" && rest.front() == '-' && isVisible(rest);
}

std::string_view traceparentOf(const HttpRequest& request) {
    if (request.count("traceparent") != 1) return {};
    const std::string_view found = request.find("traceparent").value_or(std::string_view());
    return isTraceparent(found) ? found : std::string_view();
}

}  // namespace syncline::wire
