// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "core/ids.h"

namespace syncline::simulation {

/// Random numbers that are the same on every machine (splitmix64). Each part of a run has its own,
/// named after it, so that one part can be cut out of a plan without changing the others.
class Dice final : public core::Random {
public:
    explicit Dice(std::uint64_t seed, std::string_view name = {})
        : state_(core::stableHash(name, seed)) {}

    std::uint64_t next() {
        std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15ULL;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
        return mixed ^ (mixed >> 31);
    }

    /// 0 to bound - 1.
    std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
    std::int64_t between(std::int64_t first, std::int64_t last) {
        return first +
               static_cast<std::int64_t>(below(static_cast<std::uint64_t>(last - first) + 1));
    }
    bool chance(unsigned percent) { return below(100) < percent; }

    void fill(unsigned char* bytes, std::size_t size) override {
        for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(next());
    }

private:
    std::uint64_t state_;
};

}  // namespace syncline::simulation
