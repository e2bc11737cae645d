// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <syncline/plugin.hpp>
#include <vector>

namespace syncline::three_way {

/// An array whose elements are told apart by a member of theirs.
struct KeyedArray {
    std::string
        path;  ///< JSON pointer from the record's root; `*` for any element of such an array
    std::string idKey;
};

/// What both sides started from and what each made of it. Missing: not there, which is not null.
struct Sides {
    Value base;
    Value current;
    Value incoming;
};

/// What two changes of one value come to.
enum class Merged {
    current,   ///< only the server's side changed it, or both made the same of it
    incoming,  ///< only the op changed it
    within,    ///< both changed it, and merging goes on within
    conflict,  ///< both changed it, and it is one whole
};

/// Merges what two sides made of one value, member by member.
class Merge {
public:
    explicit Merge(const std::vector<KeyedArray>& arrays) : arrays_(arrays) {}

    /// What these sides come to, as far as it can be seen without going into them.
    Merged compare(const Sides& sides, const std::string& path) const;

    /// Writes what they come to. False: somewhere within both changed the same, and what was
    /// written is of no use. Not for sides that come to a value that is not there.
    bool write(const Sides& sides, const std::string& path, Builder& out) const;

private:
    const std::string* idKeyAt(const std::string& path) const;
    bool writeMembers(const Sides& sides, const std::string& path, Builder& out) const;
    bool writeMember(const Sides& sides, std::string_view name, const std::string& path,
                     Builder& out) const;
    bool writeElements(const Sides& sides, const std::string& idKey, const std::string& path,
                       Builder& out) const;

    const std::vector<KeyedArray>& arrays_;
};

/// A member's path: '~' and '/' of the name escaped (RFC 6901).
std::string under(const std::string& path, std::string_view name);

}  // namespace syncline::three_way
