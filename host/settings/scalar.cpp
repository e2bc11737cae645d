// SPDX-License-Identifier: Apache-2.0
#include "settings/scalar.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <span>

namespace syncline::settings {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

constexpr Unit durationUnits[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr Unit sizeUnits[] = {
    {"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", std::int64_t{1} << 40}};

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

/// The digits at the start; they are removed from the text.
std::optional<std::int64_t> takeDigits(std::string_view& text) {
    if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

std::optional<std::int64_t> parseWithUnit(std::string_view text, std::span<const Unit> units) {
    const auto number = takeDigits(text);
    if (!number) return std::nullopt;
    for (const auto& unit : units) {
        if (text != unit.name) continue;
        if (*number > largest / unit.factor) return std::nullopt;
        return *number * unit.factor;
    }
    return std::nullopt;
}

std::string textWithUnit(std::int64_t value, std::span<const Unit> units) {
    auto unit = units.begin();
    for (auto larger = units.begin(); larger != units.end(); ++larger) {
        if (value != 0 && value % larger->factor == 0) unit = larger;
    }
    return std::to_string(value / unit->factor) + std::string(unit->name);
}

bool isLower(char c) {
    return c >= 'a' && c <= 'z';
}
bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool isHex(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool isHostName(std::string_view host) {
    if (host.empty() || host.size() > 253 || host.front() == '-' || host.front() == '.') {
        return false;
    }
    return std::all_of(host.begin(), host.end(), [](char c) {
        return isLower(c) || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '-' || c == '.';
    });
}

bool looksLikeIpv4(std::string_view host) {
    return std::all_of(host.begin(), host.end(), [](char c) { return isDigit(c) || c == '.'; });
}

/// A host of digits and dots alone must be a whole IPv4 address.
bool isHost(std::string_view host) {
    if (!isHostName(host)) return false;
    if (!looksLikeIpv4(host)) return true;
    int parts = 0;
    while (true) {
        const auto part = takeDigits(host);
        if (!part || *part > 255 || ++parts > 4) return false;
        if (host.empty()) return parts == 4;
        if (host[0] != '.') return false;
        host.remove_prefix(1);
    }
}

bool isIpv6(std::string_view host) {
    return host.size() >= 2 && host.find(':') != std::string_view::npos &&
           std::all_of(host.begin(), host.end(),
                       [](char c) { return isHex(c) || c == ':' || c == '.'; });
}

std::optional<std::uint16_t> parsePort(std::string_view text) {
    const auto port = takeDigits(text);
    if (!port || !text.empty() || *port > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(*port);
}

}  // namespace

bool Address::isLoopback() const {
    return host == "localhost" || host == "::1" ||
           (host.starts_with("127.") && looksLikeIpv4(host));
}

std::optional<std::int64_t> parseInteger(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const auto number = takeDigits(text);
    if (!number || !text.empty()) return std::nullopt;
    return negative ? -*number : *number;
}

std::optional<std::int64_t> parseDurationMs(std::string_view text) {
    return parseWithUnit(text, durationUnits);
}

std::optional<std::int64_t> parseSizeBytes(std::string_view text) {
    return parseWithUnit(text, sizeUnits);
}

std::optional<Rate> parseRate(std::string_view text) {
    const auto count = takeDigits(text);
    if (!count || !text.starts_with('/')) return std::nullopt;
    text.remove_prefix(1);
    for (const auto& unit : durationUnits) {
        if (text != unit.name || unit.factor < 1000) continue;
        return Rate{static_cast<std::uint64_t>(*count), unit.factor};
    }
    return std::nullopt;
}

std::optional<Address> parseAddress(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto port = parsePort(text.substr(colon + 1));
    auto host = text.substr(0, colon);
    if (!port) return std::nullopt;
    if (host == "*") return Address{"0.0.0.0", *port};
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
        return isIpv6(host) ? std::optional(Address{std::string(host), *port}) : std::nullopt;
    }
    return isHost(host) ? std::optional(Address{std::string(host), *port}) : std::nullopt;
}

bool isOrigin(std::string_view text) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (!text.starts_with(scheme)) continue;
        text.remove_prefix(scheme.size());
        const auto colon = text.rfind(':');
        if (isHost(text)) return true;
        return colon != std::string_view::npos && parseAddress(text).has_value() && text[0] != '*';
    }
    return false;
}

bool isSnakeCase(std::string_view text) {
    if (text.empty() || text.size() > 64 || !isLower(text.front()) || text.back() == '_') {
        return false;
    }
    if (text.find("__") != std::string_view::npos) return false;
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return isLower(c) || isDigit(c) || c == '_'; });
}

bool isPluginPattern(std::string_view text) {
    if (text == "*") return true;
    if (text.ends_with(".*")) text.remove_suffix(2);
    if (text.empty() || text.front() == '.' || text.back() == '.') return false;
    if (text.find("..") != std::string_view::npos) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return isLower(c) || isDigit(c) || c == '_' || c == '-' || c == '.';
    });
}

bool isNamePattern(std::string_view text) {
    if (text.empty() || text.size() > 255) return false;
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string durationText(std::int64_t durationMs) {
    return textWithUnit(durationMs, durationUnits);
}

std::string sizeText(std::int64_t bytes) {
    return textWithUnit(bytes, sizeUnits);
}

}  // namespace syncline::settings
