// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace syncline::settings {

/// So many per span of time, as in `200/s`.
struct Rate {
    std::uint64_t count = 0;
    std::int64_t perMs = 1000;

    bool operator==(const Rate&) const = default;
};

/// Where a listener binds.
struct Address {
    std::string host;  ///< a name, an IPv4 address, or an IPv6 address without brackets
    std::uint16_t port = 0;

    bool isLoopback() const;
    bool operator==(const Address&) const = default;
};

// Each reads the whole of a text, or gives nothing: no spaces, no sign, no exponent.

/// A whole number: 12, -3.
std::optional<std::int64_t> parseInteger(std::string_view text);

/// A number and a unit: `250ms`, `30s`, `5m`, `12h`, `7d`. In milliseconds.
std::optional<std::int64_t> parseDurationMs(std::string_view text);

/// A number and a unit: `512B`, `64KiB`, `8MiB`, `1GiB`. In bytes.
std::optional<std::int64_t> parseSizeBytes(std::string_view text);

/// A number, a slash and a unit of time: `200/s`, `30/m`, `10/h`, `1000/d`.
std::optional<Rate> parseRate(std::string_view text);

/// `host:port`, `*:port` (every address), `[::1]:port`; port 0 takes any free one.
std::optional<Address> parseAddress(std::string_view text);

/// `scheme://host` or `scheme://host:port` with http or https.
bool isOrigin(std::string_view text);

/// snake_case: a lower-case letter, then lower-case letters, digits and single underscores.
bool isSnakeCase(std::string_view text);

/// Dotted lower-case parts, perhaps ending in `.*`; or `*` alone.
bool isPluginPattern(std::string_view text);

/// 1 to 255 bytes without control characters, as names are; `*` stands for any run of bytes.
bool isNamePattern(std::string_view text);

// The shortest text that reads back as the same value.
std::string durationText(std::int64_t durationMs);
std::string sizeText(std::int64_t bytes);

}  // namespace syncline::settings
