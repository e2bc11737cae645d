// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace syncline::settings {

/// What a configuration is expected to be told: this code at this place.
struct Expected {
    std::string file;
    std::size_t line = 0;
    std::size_t column = 0;  ///< in code points
    std::string code;

    auto operator<=>(const Expected&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Expected& expected);

/// A configuration that is wrong, and everything that is wrong with it.
struct WrongConfig {
    std::string name;
    std::map<std::string, std::string> files;  ///< "syncline.yaml" and what it includes
    std::vector<Expected> expected;            ///< sorted
};

std::ostream& operator<<(std::ostream& out, const WrongConfig& config);

/// Reads `wrong_configs/*.cases`. In them:
///
///     == title                 begins a mistake
///     --                       begins another form of the same mistake
///     server: { ‹C104›x: 1 }   a mark: this code is expected at this place
///     ‹x80›                    the byte 0x80
///     !alone                   this is the whole file
///     !first, !last            only there
///     !file name … !end        a file beside the configuration
///
/// Each form becomes two configurations: the rest of a right one follows it, and precedes it.
std::vector<WrongConfig> readWrongConfigs(const std::filesystem::path& folder);

}  // namespace syncline::settings
