// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace syncline::core {

/// Where unpredictable bytes come from. Passed in, so that a simulation can be replayed.
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(unsigned char* bytes, std::size_t size) = 0;  ///< [any thread]
};

/// The kernel's generator (getrandom).
class SystemRandom final : public Random {
public:
    void fill(unsigned char* bytes, std::size_t size) override;
};

/// `size` random bytes as lower-case hex: 2 * size characters.
std::string randomHex(Random& random, std::size_t size);

/// 64 bits as 16 lower-case hex digits, as `sum` stands on the wire.
std::string toHex16(std::uint64_t number);
void appendHex16(std::string& out, std::uint64_t number);

/// The number behind exactly 16 lower-case hex digits; false for anything else.
bool fromHex16(std::string_view text, std::uint64_t& number);

/// Stable 64-bit hash of bytes (FNV-1a with a final mix). The same on every machine and version:
/// what is stored may depend on it. Not for keys that an attacker chooses.
std::uint64_t stableHash(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace syncline::core
