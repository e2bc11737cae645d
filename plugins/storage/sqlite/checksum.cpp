// SPDX-License-Identifier: Apache-2.0
#include "checksum.h"

#include <bit>
#include <cstring>

namespace syncline::sqlite {
namespace {

static_assert(std::endian::native == std::endian::little,
              "sums are computed on little-endian words");

constexpr std::uint64_t multiplierA = 0x9e3779b97f4a7c15U;
constexpr std::uint64_t multiplierB = 0xc2b2ae3d27d4eb4fU;

std::uint64_t mix(std::uint64_t state, std::uint64_t word) {
    state = (state ^ word) * multiplierA;
    return state ^ (state >> 29);
}

std::uint64_t wordAt(const char* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    return word;
}

}  // namespace

std::uint64_t checksum(std::uint64_t number, std::uint64_t seed) {
    return mix(seed ^ multiplierB, number) * multiplierB;
}

std::uint64_t checksum(std::string_view bytes, std::uint64_t seed) {
    // Two lanes, so that one multiplication need not wait for the other.
    std::uint64_t a = mix(seed, bytes.size());
    std::uint64_t b = a ^ multiplierB;
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 16; left -= 16, at += 16) {
        a = mix(a, wordAt(at));
        b = mix(b, wordAt(at + 8));
    }
    if (left >= 8) {
        a = mix(a, wordAt(at));
        left -= 8;
        at += 8;
    }
    std::uint64_t last = 0;
    if (left > 0) std::memcpy(&last, at, left);
    return mix(mix(a, last) ^ std::rotl(b, 32), b);
}

}  // namespace syncline::sqlite
