// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>
#include <vector>

namespace syncline::merging {

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

/// Where a value is: as the arrays are listed (`*` for an element), and as it is called (with the
/// element's id).
struct Place {
    std::string listed;
    std::string called;

    /// One step down to a member; '~' and '/' of the name are escaped (RFC 6901).
    Place member(std::string_view name) const;
    Place element(const Value& id) const;
};

/// What two changes of one value come to.
enum class Merged {
    current,   ///< only the server's side changed it, or both made the same of it
    incoming,  ///< only the op changed it
    within,    ///< both changed it, and merging goes on within
    conflict,  ///< both changed it, and it is one whole
};

/// What is to stand where both sides changed one whole.
struct Settled {
    bool stops = false;  ///< nothing: the op cannot be applied
    Value value;         ///< missing: nothing is to be there
};
using Settle = std::function<Settled(const Sides& sides, const Place& place)>;

/// Merges what two sides made of one value, member by member.
class Merge {
public:
    explicit Merge(const std::vector<KeyedArray>& arrays) : arrays_(arrays) {}

    /// What these sides come to, as far as it can be seen without going into them.
    Merged compare(const Sides& sides, const Place& place) const;

    /// Writes what they come to; `settle` is asked about each place that is a conflict, all of them
    /// even when one stops. False: one did, and what was written is of no use. For sides that come
    /// to Merged::within.
    bool write(const Sides& sides, const Place& place, const Settle& settle, Builder& out) const;

private:
    /// How a part is told apart from the others: by its name, or not.
    struct Part {
        Sides sides;
        Place place;
        const std::string_view* name = nullptr;
    };

    const std::string* idKeyAt(const std::string& path) const;
    bool writePart(const Part& part, const Settle& settle, Builder& out) const;
    bool writeMembers(const Sides& sides, const Place& place, const Settle& settle,
                      Builder& out) const;
    bool writeElements(const Sides& sides, const std::string& idKey, const Place& place,
                       const Settle& settle, Builder& out) const;

    const std::vector<KeyedArray>& arrays_;
};

}  // namespace syncline::merging
