// SPDX-License-Identifier: Apache-2.0
#include "core/ids.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace syncline::core {

namespace {

constexpr char kDigits[] = "0123456789abcdef";

}  // namespace

void SystemRandom::fill(unsigned char* bytes, std::size_t size) {
    while (size > 0) {
        const ssize_t got = ::getrandom(bytes, size, 0);
        if (got < 0) {
            if (errno == EINTR) continue;
            throw std::system_error(errno, std::generic_category(), "getrandom");
        }
        bytes += got;
        size -= static_cast<std::size_t>(got);
    }
}

std::string randomHex(Random& random, std::size_t size) {
    std::string bytes(size, '\0');
    random.fill(reinterpret_cast<unsigned char*>(bytes.data()), size);
    std::string text;
    text.reserve(2 * size);
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += kDigits[value >> 4];
        text += kDigits[value & 15];
    }
    return text;
}

void appendHex16(std::string& out, std::uint64_t number) {
    std::array<char, 16> digits;
    for (std::size_t i = digits.size(); i-- > 0; number >>= 4) digits[i] = kDigits[number & 15];
    out.append(digits.data(), digits.size());
}

std::string toHex16(std::uint64_t number) {
    std::string text;
    appendHex16(text, number);
    return text;
}

bool fromHex16(std::string_view text, std::uint64_t& number) {
    if (text.size() != 16) return false;
    std::uint64_t value = 0;
    for (const char c : text) {
        std::uint64_t digit;
        if (c >= '0' && c <= '9') {
            digit = static_cast<std::uint64_t>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = static_cast<std::uint64_t>(c - 'a') + 10;
        } else {
            return false;
        }
        value = value << 4 | digit;
    }
    number = value;
    return true;
}

std::uint64_t stableHash(std::string_view bytes, std::uint64_t seed) {
    std::uint64_t hash = 0xcbf29ce484222325ULL ^ (seed * 0x9e3779b97f4a7c15ULL);
    for (const char byte : bytes) {
        hash ^= static_cast<unsigned char>(byte);
        hash *= 0x100000001b3ULL;
    }
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93ULL;
    hash ^= hash >> 32;
    return hash;
}

}  // namespace syncline::core
