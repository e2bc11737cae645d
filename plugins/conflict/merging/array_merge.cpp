// SPDX-License-Identifier: Apache-2.0
#include "array_merge.h"

#include <list>
#include <utility>

namespace syncline::merging {

namespace {

using Ids = std::vector<std::string>;

/// The ids of `elements` that the two others have as well, in their order here.
Ids common(const KeyedElements& elements, const KeyedElements& one, const KeyedElements& other) {
    Ids ids;
    for (const std::string& id : elements.ids()) {
        if (one.has(id) && other.has(id)) ids.push_back(id);
    }
    return ids;
}

Ids common(const KeyedElements& elements, const KeyedElements& other) {
    return common(elements, other, other);
}

/// All of `lead`, with what only `other` has behind its neighbour there.
Ids interleave(const KeyedElements& lead, const KeyedElements& other) {
    std::list<std::string> order(lead.ids().begin(), lead.ids().end());
    std::unordered_map<std::string, std::list<std::string>::iterator> places;
    for (auto at = order.begin(); at != order.end(); ++at) places.emplace(*at, at);
    auto next = order.begin();  // where an element goes that stands behind the last one seen
    for (const std::string& id : other.ids()) {
        const auto known = places.find(id);
        if (known != places.end()) {
            next = std::next(known->second);
        } else {
            order.insert(next, id);
        }
    }
    return {order.begin(), order.end()};
}

}  // namespace

std::optional<KeyedElements> KeyedElements::read(const Value& array, const std::string& idKey) {
    KeyedElements elements;
    for (std::size_t i = 0; i < array.size(); ++i) {
        const Value element = array.at(i);
        const Value id = element[idKey];
        if (!id.isString() && !id.isNumber()) return std::nullopt;
        std::string text = id.serialize();
        if (!elements.places_.emplace(text, element).second) return std::nullopt;
        elements.ids_.push_back(std::move(text));
    }
    return elements;
}

Value KeyedElements::find(const std::string& id) const {
    const auto found = places_.find(id);
    return found == places_.end() ? Value() : found->second;
}

std::optional<Ids> mergedOrder(const KeyedSides& sides) {
    const auto& [base, current, incoming] = sides;
    if (common(current, incoming) == common(incoming, current)) {
        return interleave(current, incoming);
    }
    const Ids before = common(base, current, incoming);
    if (common(incoming, base, current) == before) return interleave(current, incoming);
    if (common(current, base, incoming) == before) return interleave(incoming, current);
    return std::nullopt;
}

}  // namespace syncline::merging
