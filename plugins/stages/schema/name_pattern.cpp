// SPDX-License-Identifier: Apache-2.0
#include "name_pattern.h"

#include <cstddef>

namespace syncline::schema {

bool fitsName(std::string_view pattern, std::string_view name) {
    constexpr std::size_t kNone = std::string_view::npos;
    std::size_t at = 0;
    std::size_t read = 0;
    std::size_t star = kNone;  // the last one, which takes one byte more when the rest fails
    std::size_t resume = 0;
    while (read < name.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            star = at++;
            resume = read;
        } else if (at < pattern.size() && pattern[at] == name[read]) {
            ++at;
            ++read;
        } else if (star != kNone) {
            at = star + 1;
            read = ++resume;
        } else {
            return false;
        }
    }
    while (at < pattern.size() && pattern[at] == '*') ++at;
    return at == pattern.size();
}

}  // namespace syncline::schema
