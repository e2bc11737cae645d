// SPDX-License-Identifier: Apache-2.0
#include "settings/suggest.h"

#include <algorithm>

namespace syncline::settings {

std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> twoAbove(b.size() + 1);
    std::vector<std::size_t> above(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + cost});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], twoAbove[j - 2] + 1);
            }
        }
        std::swap(twoAbove, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
    constexpr std::size_t comparedMax = 64;
    if (word.empty() || word.size() > comparedMax) return {};
    std::string best;
    std::size_t bestDistance = std::string_view::npos;
    for (const auto& candidate : candidates) {
        if (candidate.size() > comparedMax) continue;
        const auto distance = editDistance(word, candidate);
        const auto allowed = std::max<std::size_t>(1, std::max(word.size(), candidate.size()) / 3);
        if (distance > allowed || distance >= bestDistance) continue;
        best = candidate;
        bestDistance = distance;
    }
    return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
    if (const auto near = closest(word, candidates); !near.empty()) {
        return "did you mean '" + near + "'?";
    }
    if (candidates.empty()) return {};
    std::string text = candidates.size() == 1 ? "expected: " : "expected one of: ";
    constexpr std::size_t listedMax = 24;
    for (std::size_t i = 0; i < std::min(candidates.size(), listedMax); ++i) {
        text += (i == 0 ? "" : ", ") + candidates[i];
    }
    return candidates.size() > listedMax ? text + ", …" : text;
}

}  // namespace syncline::settings
