// SPDX-License-Identifier: Apache-2.0
#include "pattern.h"

#include <utility>

namespace syncline::acl {

namespace {

constexpr std::string_view kUser = "{user}";

}  // namespace

Pattern::Pattern(std::string_view text) : segments_(1) {
    while (!text.empty()) {
        Segment& segment = segments_.back();
        if (text.front() == '*') {
            text.remove_prefix(1);
            segments_.emplace_back();
        } else if (text.substr(0, kUser.size()) == kUser) {
            text.remove_prefix(kUser.size());
            segment.push_back({true, {}});
            namesUser_ = true;
        } else {
            if (segment.empty() || segment.back().isUser) segment.push_back({false, {}});
            segment.back().literal += text.front();
            text.remove_prefix(1);
        }
    }
}

std::string Pattern::textOf(const Segment& segment, std::string_view user) {
    std::string text;
    for (const Piece& piece : segment)
        text += piece.isUser ? user : std::string_view(piece.literal);
    return text;
}

bool Pattern::matches(std::string_view name, std::string_view user) const {
    if (namesUser_ && user.empty()) return false;
    const std::string first = textOf(segments_.front(), user);
    if (name.substr(0, first.size()) != first) return false;
    if (segments_.size() == 1) return name.size() == first.size();
    name.remove_prefix(first.size());
    const std::string last = textOf(segments_.back(), user);
    if (name.size() < last.size() || name.substr(name.size() - last.size()) != last) return false;
    name.remove_suffix(last.size());
    // What lies between two runs may be found as early as possible: that leaves most for the rest.
    for (std::size_t i = 1; i + 1 < segments_.size(); ++i) {
        const std::string middle = textOf(segments_[i], user);
        const std::size_t at = name.find(middle);
        if (at == std::string_view::npos) return false;
        name.remove_prefix(at + middle.size());
    }
    return true;
}

}  // namespace syncline::acl
