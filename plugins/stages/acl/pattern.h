// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace syncline::acl {

/// A pattern for names: `*` stands for any run of bytes, `{user}` for the name of who asks, and
/// everything else for itself. A user's name is compared as it is, so one that holds a `*` is no
/// pattern.
class Pattern {
public:
    explicit Pattern(std::string_view text);

    /// A pattern that names the user matches nothing for somebody without a name.
    bool matches(std::string_view name, std::string_view user) const;

private:
    struct Piece {
        bool isUser = false;
        std::string literal;
    };
    /// What stands between two runs.
    using Segment = std::vector<Piece>;

    /// Of more pieces than one in `place`, which the next call overwrites.
    static std::string_view textOf(const Segment& segment, std::string_view user,
                                   std::string& place);

    std::vector<Segment> segments_;  ///< at least one; a run stands between neighbours
    bool namesUser_ = false;
};

}  // namespace syncline::acl
