// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "settings/source.h"

namespace syncline::settings {

struct Member;

/// One value of a YAML document: nothing, a text, a list or a map, and where it stands. Aliases
/// are copies of what they name.
struct Node {
    enum class Kind : std::uint8_t { null, scalar, list, map };

    Kind kind = Kind::null;
    bool quoted = false;  ///< a scalar in quotes or a block: a text, whatever it looks like
    bool secret = false;  ///< its text must be shown nowhere
    bool broken = false;  ///< reported already: whatever else is wrong with it follows from that
    std::string tag;      ///< "!secret" or empty
    std::string text;     ///< of a scalar
    Position position;    ///< of the value; where there is none, of its key or dash
    std::vector<Node> items;
    std::vector<Member> members;  ///< in the order of the file, keys distinct

    bool isNull() const { return kind == Kind::null; }
    bool isScalar() const { return kind == Kind::scalar; }
    bool isList() const { return kind == Kind::list; }
    bool isMap() const { return kind == Kind::map; }

    const Member* find(std::string_view key) const;
};

/// One `key: value` of a map.
struct Member {
    std::string key;
    Position keyPosition;
    Node value;
};

inline const Member* Node::find(std::string_view key) const {
    for (const auto& member : members) {
        if (member.key == key) return &member;
    }
    return nullptr;
}

/// "a map", "a list", "the text 'x'", "nothing": what stands here, for messages; the text of a
/// secret is not in it.
std::string described(const Node& node);

}  // namespace syncline::settings
