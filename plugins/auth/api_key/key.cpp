// SPDX-License-Identifier: Apache-2.0
#include "key.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstdio>
#include <stdexcept>

namespace syncline::api_key {

namespace {

constexpr std::size_t kIdMax = 64;
constexpr std::size_t kSecretMin = 32;
constexpr std::size_t kKeyMax = 512;

bool isLowerOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool isIdCharacter(char c) {
    return isLowerOrDigit(c) || c == '_' || c == '-';
}
bool isSecretCharacter(char c) {
    return isIdCharacter(c) || (c >= 'A' && c <= 'Z');
}

template <class Fits>
bool allFit(std::string_view text, Fits fits) {
    for (const char c : text) {
        if (!fits(c)) return false;
    }
    return true;
}

std::optional<unsigned> hexDigit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    return std::nullopt;
}

/// Days from 1970-01-01 to a day of the Gregorian calendar: years start in March here, so that the
/// leap day is the last of its year and months of 31, 30, 31, 30, 31 days come in fives.
std::int64_t daysSince1970(std::int64_t year, std::int64_t month, std::int64_t day) {
    const std::int64_t shifted = month <= 2 ? year - 1 : year;
    const std::int64_t fromMarch = (month + 9) % 12;
    const std::int64_t dayOfYear = (153 * fromMarch + 2) / 5 + day - 1;
    const std::int64_t leapDays = shifted / 4 - shifted / 100 + shifted / 400;
    constexpr std::int64_t daysTo1970 = 719'468;
    return 365 * shifted + leapDays + dayOfYear - daysTo1970;
}

int daysOfMonth(int year, int month) {
    constexpr std::array<int, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[static_cast<std::size_t>(month - 1)] + (leap && month == 2 ? 1 : 0);
}

}  // namespace

std::optional<std::string_view> idOfShown(std::string_view shown) {
    const std::size_t dot = shown.find('.');
    if (dot == std::string_view::npos || shown.size() > kKeyMax) return std::nullopt;
    const std::string_view id = shown.substr(0, dot);
    const std::string_view secret = shown.substr(dot + 1);
    const bool shaped = !id.empty() && id.size() <= kIdMax && allFit(id, isIdCharacter) &&
                        secret.size() >= kSecretMin && allFit(secret, isSecretCharacter);
    return shaped ? std::optional(id) : std::nullopt;
}

Hash hashOf(std::string_view shown) {
    Hash hash = {};
    unsigned size = 0;
    const int done =
        EVP_Digest(shown.data(), shown.size(), hash.data(), &size, EVP_sha256(), nullptr);
    if (done != 1 || size != hash.size()) throw std::runtime_error("SHA-256 is not available");
    return hash;
}

std::optional<Hash> parseHash(std::string_view text) {
    constexpr std::string_view prefix = "sha256:";
    Hash hash = {};
    if (text.substr(0, prefix.size()) != prefix) return std::nullopt;
    const std::string_view digits = text.substr(prefix.size());
    if (digits.size() != 2 * hash.size()) return std::nullopt;
    for (std::size_t i = 0; i < hash.size(); ++i) {
        const auto high = hexDigit(digits[2 * i]);
        const auto low = hexDigit(digits[2 * i + 1]);
        if (!high || !low) return std::nullopt;
        hash[i] = static_cast<unsigned char>(*high << 4U | *low);
    }
    return hash;
}

std::optional<std::int64_t> parseUtc(const std::string& text) {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int used = 0;
    const int found = std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &year, &month, &day,
                                  &hour, &minute, &second, &used);
    if (found != 6 || static_cast<std::size_t>(used) != text.size()) return std::nullopt;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month) ||
        hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
        return std::nullopt;
    }
    const std::int64_t seconds =
        ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    return seconds * 1'000;
}

const Key* findKey(const std::vector<Key>& keys, std::string_view id, const Hash& hash) {
    const Key* found = nullptr;
    for (const Key& key : keys) {
        const bool same = CRYPTO_memcmp(key.hash.data(), hash.data(), hash.size()) == 0;
        if (same && key.id == id) found = &key;
    }
    return found;
}

}  // namespace syncline::api_key
