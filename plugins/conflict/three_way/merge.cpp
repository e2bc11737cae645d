// SPDX-License-Identifier: Apache-2.0
#include "merge.h"

#include <utility>

#include "array_merge.h"

namespace syncline::three_way {

namespace {

bool isObjectOrMissing(const Value& value) {
    return !value.exists() || value.isObject();
}
bool isArrayOrMissing(const Value& value) {
    return !value.exists() || value.isArray();
}

/// A whole value all the same: what was begun around it ends as JSON.
bool giveUp(Builder& out) {
    out.add(nullptr);
    return false;
}

/// Whether the sides come to a value that is not there.
bool isGone(const Sides& sides, Merged merged) {
    return (merged == Merged::current && !sides.current.exists()) ||
           (merged == Merged::incoming && !sides.incoming.exists());
}

}  // namespace

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

const std::string* Merge::idKeyAt(const std::string& path) const {
    for (const KeyedArray& array : arrays_) {
        if (array.path == path) return &array.idKey;
    }
    return nullptr;
}

Merged Merge::compare(const Sides& sides, const std::string& path) const {
    if (sides.current == sides.incoming) return Merged::current;
    if (sides.base == sides.current) return Merged::incoming;
    if (sides.base == sides.incoming) return Merged::current;
    // Both made an object of nothing: each made its members.
    const bool objects = sides.current.isObject() && sides.incoming.isObject();
    if (objects && isObjectOrMissing(sides.base)) return Merged::within;
    const bool arrays = sides.current.isArray() && sides.incoming.isArray();
    if (arrays && isArrayOrMissing(sides.base) && idKeyAt(path) != nullptr) return Merged::within;
    return Merged::conflict;
}

bool Merge::write(const Sides& sides, const std::string& path, Builder& out) const {
    switch (compare(sides, path)) {
        case Merged::current:
            out.add(sides.current);
            return true;
        case Merged::incoming:
            out.add(sides.incoming);
            return true;
        case Merged::within:
            return sides.current.isObject() ? writeMembers(sides, path, out)
                                            : writeElements(sides, *idKeyAt(path), path, out);
        case Merged::conflict:
            break;
    }
    return giveUp(out);
}

bool Merge::writeMembers(const Sides& sides, const std::string& path, Builder& out) const {
    bool merged = true;
    out.object([&](Builder& members) {
        for (const auto [name, value] : sides.current.members()) {
            if (merged) merged = writeMember(sides, name, path, members);
        }
        for (const auto [name, value] : sides.incoming.members()) {
            if (!merged || sides.current.contains(name)) continue;
            merged = writeMember(sides, name, path, members);
        }
    });
    return merged;
}

bool Merge::writeMember(const Sides& sides, std::string_view name, const std::string& path,
                        Builder& out) const {
    const Sides member = {sides.base[name], sides.current[name], sides.incoming[name]};
    const std::string memberPath = under(path, name);
    if (isGone(member, compare(member, memberPath))) return true;
    out.key(name);
    return write(member, memberPath, out);
}

bool Merge::writeElements(const Sides& sides, const std::string& idKey, const std::string& path,
                          Builder& out) const {
    auto base = KeyedElements::read(sides.base, idKey);
    auto current = KeyedElements::read(sides.current, idKey);
    auto incoming = KeyedElements::read(sides.incoming, idKey);
    if (!base || !current || !incoming) return giveUp(out);
    const KeyedSides arrays = {std::move(*base), std::move(*current), std::move(*incoming)};
    const auto order = mergedOrder(arrays);
    if (!order) return giveUp(out);
    const std::string elementPath = path + "/*";
    bool merged = true;
    out.array([&](Builder& elements) {
        for (const std::string& id : *order) {
            const Sides element = {arrays.base.find(id), arrays.current.find(id),
                                   arrays.incoming.find(id)};
            if (merged && !isGone(element, compare(element, elementPath))) {
                merged = write(element, elementPath, elements);
            }
        }
    });
    return merged;
}

}  // namespace syncline::three_way
