// SPDX-License-Identifier: Apache-2.0
#include "channel/glob.h"

namespace syncline::channel {

bool globMatches(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return true;
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;  // where the newest star is
    std::size_t starText = 0;                   // and where what it stands for ends
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            starText = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++starText;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

}  // namespace syncline::channel
