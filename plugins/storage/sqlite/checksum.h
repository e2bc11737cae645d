// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace syncline::sqlite {

/// A 64-bit sum that notices damage on disk. Not a cryptographic one: it guards against bad blocks
/// and torn writes, not against people. Chain it over several parts through `seed`.
std::uint64_t checksum(std::string_view bytes, std::uint64_t seed = 0);

/// The sum of a number, for the columns beside a blob.
std::uint64_t checksum(std::uint64_t number, std::uint64_t seed);

}  // namespace syncline::sqlite
