// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace syncline::api_key {

using Hash = std::array<unsigned char, 32>;

/// One key of the configuration: everything but the key itself.
struct Key {
    std::string id;
    Hash hash = {};
    std::string user;
    std::vector<std::string> roles;
    std::int64_t expiresAtMs = 0;  ///< Unix time; 0: never
};

/// The id of what a peer shows, if that has the shape of a key: "<id>.<secret>" with an id of
/// [a-z0-9_-] and a secret of at least 32 characters of base64url.
std::optional<std::string_view> idOfShown(std::string_view shown);

Hash hashOf(std::string_view shown);

/// "sha256:" and 64 lower-case hex digits.
std::optional<Hash> parseHash(std::string_view text);

/// "2031-01-01T00:00:00Z" as Unix milliseconds; nothing for a day or time that there is not.
std::optional<std::int64_t> parseUtc(const std::string& text);

/// The key with that id and hash. Compares with every key and every byte, so that the time it takes
/// tells nothing about how close a guess was.
const Key* findKey(const std::vector<Key>& keys, std::string_view id, const Hash& hash);

}  // namespace syncline::api_key
