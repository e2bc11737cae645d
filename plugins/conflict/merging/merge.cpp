// SPDX-License-Identifier: Apache-2.0
#include "merge.h"

#include <utility>

#include "array_merge.h"

namespace syncline::merging {

namespace {

bool isObjectOrMissing(const Value& value) {
    return !value.exists() || value.isObject();
}
bool isArrayOrMissing(const Value& value) {
    return !value.exists() || value.isArray();
}

std::string under(const std::string& path, std::string_view name) {
    std::string result = path + "/";
    for (const char c : name) {
        if (c == '~') {
            result += "~0";
        } else if (c == '/') {
            result += "~1";
        } else {
            result += c;
        }
    }
    return result;
}

void writeValue(const Value& value, const std::string_view* name, Builder& out) {
    if (!value.exists()) return;
    if (name != nullptr) out.key(*name);
    out.add(value);
}

/// The elements of the three sides, if they can be told apart and have one order.
struct Ordered {
    KeyedSides sides;
    std::vector<std::string> ids;
};

std::optional<Ordered> order(const Sides& sides, const std::string& idKey) {
    auto base = KeyedElements::read(sides.base, idKey);
    auto current = KeyedElements::read(sides.current, idKey);
    auto incoming = KeyedElements::read(sides.incoming, idKey);
    if (!base || !current || !incoming) return std::nullopt;
    KeyedSides keyed = {std::move(*base), std::move(*current), std::move(*incoming)};
    auto ids = mergedOrder(keyed);
    if (!ids) return std::nullopt;
    return Ordered{std::move(keyed), std::move(*ids)};
}

}  // namespace

Place Place::member(std::string_view name) const {
    return {under(listed, name), under(called, name)};
}

Place Place::element(const Value& id) const {
    return {listed + "/*",
            under(called, id.isString() ? std::string(id.string()) : id.serialize())};
}

const std::string* Merge::idKeyAt(const std::string& path) const {
    for (const KeyedArray& array : arrays_) {
        if (array.path == path) return &array.idKey;
    }
    return nullptr;
}

Merged Merge::compare(const Sides& sides, const Place& place) const {
    if (sides.current == sides.incoming) return Merged::current;
    if (sides.base == sides.current) return Merged::incoming;
    if (sides.base == sides.incoming) return Merged::current;
    // Both made an object of nothing: each made its members.
    const bool objects = sides.current.isObject() && sides.incoming.isObject();
    if (objects && isObjectOrMissing(sides.base)) return Merged::within;
    const bool arrays = sides.current.isArray() && sides.incoming.isArray();
    if (!arrays || !isArrayOrMissing(sides.base)) return Merged::conflict;
    const std::string* idKey = idKeyAt(place.listed);
    return idKey != nullptr && order(sides, *idKey) ? Merged::within : Merged::conflict;
}

bool Merge::write(const Sides& sides, const Place& place, const Settle& settle,
                  Builder& out) const {
    if (sides.current.isObject()) return writeMembers(sides, place, settle, out);
    return writeElements(sides, *idKeyAt(place.listed), place, settle, out);
}

bool Merge::writePart(const Part& part, const Settle& settle, Builder& out) const {
    switch (compare(part.sides, part.place)) {
        case Merged::current:
            writeValue(part.sides.current, part.name, out);
            return true;
        case Merged::incoming:
            writeValue(part.sides.incoming, part.name, out);
            return true;
        case Merged::within:
            if (part.name != nullptr) out.key(*part.name);
            return write(part.sides, part.place, settle, out);
        case Merged::conflict:
            break;
    }
    const Settled settled = settle(part.sides, part.place);
    if (!settled.stops) writeValue(settled.value, part.name, out);
    return !settled.stops;
}

bool Merge::writeMembers(const Sides& sides, const Place& place, const Settle& settle,
                         Builder& out) const {
    bool merged = true;
    const auto writeMember = [&](std::string_view name, Builder& members) {
        const Part part = {{sides.base[name], sides.current[name], sides.incoming[name]},
                           place.member(name),
                           &name};
        if (!writePart(part, settle, members)) merged = false;
    };
    out.object([&](Builder& members) {
        for (const auto [name, value] : sides.current.members()) writeMember(name, members);
        for (const auto [name, value] : sides.incoming.members()) {
            if (!sides.current.contains(name)) writeMember(name, members);
        }
    });
    return merged;
}

bool Merge::writeElements(const Sides& sides, const std::string& idKey, const Place& place,
                          const Settle& settle, Builder& out) const {
    const auto ordered = order(sides, idKey);
    bool merged = true;
    out.array([&](Builder& elements) {
        for (const std::string& id : ordered->ids) {
            const auto& [base, current, incoming] = ordered->sides;
            Part part;
            part.sides = {base.find(id), current.find(id), incoming.find(id)};
            const Value& any =
                part.sides.current.exists() ? part.sides.current : part.sides.incoming;
            part.place = place.element(any[idKey]);
            if (!writePart(part, settle, elements)) merged = false;
        }
    });
    return merged;
}

}  // namespace syncline::merging
