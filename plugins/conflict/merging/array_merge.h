// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <syncline/plugin.hpp>
#include <unordered_map>
#include <vector>

namespace syncline::merging {

/// The elements of one array, told apart by one member of theirs.
class KeyedElements {
public:
    /// Nothing when some element has no id (a string or a number), or two have the same. A missing
    /// array has no elements.
    static std::optional<KeyedElements> read(const Value& array, const std::string& idKey);

    /// In their order; an id is its JSON text.
    const std::vector<std::string>& ids() const { return ids_; }
    bool has(const std::string& id) const { return places_.find(id) != places_.end(); }
    /// A missing value when there is none.
    Value find(const std::string& id) const;

private:
    std::vector<std::string> ids_;
    std::unordered_map<std::string, Value> places_;
};

/// The three sides of one array.
struct KeyedSides {
    KeyedElements base;
    KeyedElements current;
    KeyedElements incoming;
};

/// All ids of current and incoming in one order: that of the side that moved elements, with what
/// the other side added behind the element that it stands behind there. Nothing when both moved
/// some.
std::optional<std::vector<std::string>> mergedOrder(const KeyedSides& sides);

}  // namespace syncline::merging
