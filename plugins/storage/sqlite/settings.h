// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace syncline::sqlite {

/// What an acknowledged commit survives.
enum class Durability {
    full,     ///< a crash of the process and the loss of power
    relaxed,  ///< a crash of the process; losing power may cost the last moments
    none,     ///< a crash of the process; losing power may damage the files
};

/// When the files are read through at the start.
enum class Check { never, unclean, always };

/// The `with:` of the configuration; README.md describes each.
struct Settings {
    std::string path;
    Durability durability = Durability::full;
    Check check = Check::unclean;
    std::size_t unfoldedOpsMax = 200'000;
    std::size_t unfoldedBytesMax = 64U << 20;
    std::size_t foldOps = 10'000;
    std::size_t foldBytes = 1U << 20;
    std::size_t walBytesMax = 64U << 20;
    std::size_t readersMax = 4;
    std::size_t headsMax = 100'000;
    std::chrono::milliseconds retryMs{1'000};  ///< between attempts while a disk is full
};

}  // namespace syncline::sqlite
