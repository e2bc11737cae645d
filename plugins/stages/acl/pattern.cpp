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

std::string_view Pattern::textOf(const Segment& segment, std::string_view user,
                                 std::string& place) {
    if (segment.empty()) return {};
    const auto textOfPiece = [&](const Piece& piece) {
        return piece.isUser ? user : std::string_view(piece.literal);
    };
    if (segment.size() == 1) return textOfPiece(segment.front());
    place.clear();
    for (const Piece& piece : segment) place += textOfPiece(piece);
    return place;
}

bool Pattern::matches(std::string_view name, std::string_view user) const {
    if (namesUser_ && user.empty()) return false;
    std::string place;
    const std::string_view first = textOf(segments_.front(), user, place);
    if (name.substr(0, first.size()) != first) return false;
    if (segments_.size() == 1) return name.size() == first.size();
    name.remove_prefix(first.size());
    const std::string_view last = textOf(segments_.back(), user, place);
    if (name.size() < last.size() || name.substr(name.size() - last.size()) != last) return false;
    name.remove_suffix(last.size());
    // What lies between two runs may be found as early as possible: that leaves most for the rest.
    for (std::size_t i = 1; i + 1 < segments_.size(); ++i) {
        const std::string_view middle = textOf(segments_[i], user, place);
        const std::size_t at = name.find(middle);
        if (at == std::string_view::npos) return false;
        name.remove_prefix(at + middle.size());
    }
    return true;
}

}  // namespace syncline::acl
