// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace syncline::settings {

/// How many single insertions, deletions, substitutions and swaps of neighbours turn one text into
/// the other (Damerau-Levenshtein, each place edited at most once).
std::size_t editDistance(std::string_view a, std::string_view b);

/// The candidate that was probably meant, or empty: at most a third of its letters may differ.
std::string closest(std::string_view word, const std::vector<std::string>& candidates);

/// "did you mean 'x'?", or "expected one of: a, b, c" if nothing is close.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace syncline::settings
