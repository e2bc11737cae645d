// SPDX-License-Identifier: Apache-2.0
#include "settings/schema_guide.h"

#include <algorithm>

#include "json/pointer.h"

namespace syncline::settings {

namespace {

constexpr int referencesMax = 16;  ///< references that name references; more is a circle

const json::Value* alternativesOf(const json::Value* schema) {
    for (const std::string_view word : {"oneOf", "anyOf"}) {
        const auto* list = schema->find(word);
        if (list != nullptr && list->isArray()) return list;
    }
    return nullptr;
}

/// Calls `visit` with every object inside a value, itself included.
template <class Visit>
void forEachObject(const json::Value& value, const Visit& visit) {
    if (value.isObject()) visit(value);
    for (const auto& member : value.members()) forEachObject(member.value, visit);
    if (!value.isArray()) return;
    for (const auto& element : value.elements()) forEachObject(element, visit);
}

/// A node with the kind of a finished value, to choose alternatives by.
Node shapeOf(const json::Value& value) {
    Node node;
    if (value.isObject()) {
        node.kind = Node::Kind::map;
        for (const auto& member : value.members()) {
            node.members.push_back({std::string(member.key()), {}, {}});
        }
    } else if (value.isArray()) {
        node.kind = Node::Kind::list;
    } else if (!value.isNull()) {
        node.kind = Node::Kind::scalar;
        node.quoted = value.isString();
    }
    return node;
}

}  // namespace

const json::Value* SchemaGuide::resolved(const json::Value* schema) const {
    for (int hop = 0; schema != nullptr && hop < referencesMax; ++hop) {
        const auto* reference = schema->find("$ref");
        if (reference == nullptr || !reference->isString()) return schema;
        const auto text = reference->asString();
        if (!text.starts_with('#')) return nullptr;
        const auto pointer = json::Pointer::parse(text.substr(1));
        schema = pointer ? pointer->resolve(root_) : nullptr;
    }
    return nullptr;
}

std::string SchemaGuide::brokenReference() const {
    std::string broken;
    forEachObject(root_, [&](const json::Value& object) {
        const auto* reference = object.find("$ref");
        if (!broken.empty() || reference == nullptr || !reference->isString()) return;
        if (resolved(&object) == nullptr) broken = reference->asString();
    });
    return broken;
}

const json::Value* SchemaGuide::forNode(const json::Value* schema, const Node& node) const {
    for (int hop = 0; hop < referencesMax; ++hop) {
        schema = resolved(schema);
        if (schema == nullptr || !schema->isObject()) return nullptr;
        const auto* alternatives = alternativesOf(schema);
        // Beside members of its own, alternatives say only which of them must be there.
        if (alternatives == nullptr || schema->contains("properties")) return schema;
        const auto* best = bestOf(*alternatives, node);
        if (best == nullptr) return schema;
        schema = best;
    }
    return nullptr;
}

const json::Value* SchemaGuide::bestOf(const json::Value& alternatives, const Node& node) const {
    const json::Value* best = nullptr;
    int bestFit = 0;
    for (const auto& alternative : alternatives.elements()) {
        const auto fits = fit(forNode(&alternative, node), node);
        if (fits <= bestFit) continue;
        bestFit = fits;
        best = &alternative;
    }
    return best;
}

/// 0: cannot be meant; the more, the better.
int SchemaGuide::fit(const json::Value* schema, const Node& node) const {
    if (schema == nullptr) return 0;
    if (node.isList()) return allows(schema, "array") ? 100 : 0;
    if (node.isNull()) return allows(schema, "null") ? 100 : 0;
    if (node.isScalar()) {
        if (node.quoted) return allows(schema, "string") ? 100 : 0;
        if (isText(schema)) return 90;
        const bool any = allows(schema, "string") || allows(schema, "number") ||
                         allows(schema, "integer") || allows(schema, "boolean");
        return any ? 100 : 0;
    }
    if (!allows(schema, "object")) {
        const bool secretFile = node.members.size() == 1 && node.members[0].key == "file";
        return secretFile && allows(schema, "string") ? 1 : 0;
    }
    int known = 10;
    for (const auto& member : node.members) {
        if (forMember(schema, member.key) != nullptr) ++known;
    }
    return known;
}

const json::Value* SchemaGuide::forMember(const json::Value* schema, std::string_view key) const {
    if (schema == nullptr) return nullptr;
    if (const auto* properties = schema->find("properties")) {
        if (const auto* member = properties->find(key)) return resolved(member);
    }
    const auto* others = schema->find("additionalProperties");
    return others != nullptr && others->isObject() ? resolved(others) : nullptr;
}

const json::Value* SchemaGuide::forItem(const json::Value* schema, std::size_t index) const {
    const auto* items = schema == nullptr ? nullptr : schema->find("items");
    if (items == nullptr) return nullptr;
    if (!items->isArray()) return resolved(items);
    return index < items->size() ? resolved(&(*items)[index]) : nullptr;
}

const json::Value* SchemaGuide::forPointer(std::string_view pointer,
                                           const json::Value& config) const {
    const auto path = json::Pointer::parse(pointer);
    if (!path) return nullptr;
    const auto* value = &config;
    const auto* schema = forNode(&root_, shapeOf(config));
    for (const auto& token : path->tokens()) {
        if (schema == nullptr || value == nullptr) return nullptr;
        const auto index = json::Pointer::arrayIndex(token);
        if (value->isArray() && index) {
            schema = forItem(schema, *index);
            value = *index < value->size() ? &(*value)[*index] : nullptr;
        } else {
            schema = forMember(schema, token);
            value = value->find(token);
        }
        if (value != nullptr) schema = forNode(schema, shapeOf(*value));
    }
    return schema;
}

bool SchemaGuide::allows(const json::Value* schema, std::string_view type) {
    if (schema == nullptr) return true;
    const auto* types = schema->find("type");
    if (types == nullptr) {
        const auto* choices = schema->find("enum");
        const bool texts = choices != nullptr && choices->isArray() && !choices->empty() &&
                           choices->elements()[0].isString();
        return !texts || type == "string";
    }
    if (types->isString()) return types->asString() == type;
    if (!types->isArray()) return true;
    const auto all = types->elements();
    return std::any_of(all.begin(), all.end(), [&](const json::Value& one) {
        return one.isString() && one.asString() == type;
    });
}

bool SchemaGuide::isText(const json::Value* schema) {
    if (schema == nullptr || !schema->isObject()) return false;
    if (!schema->contains("type") && !schema->contains("enum")) return false;
    return allows(schema, "string") && !allows(schema, "number") && !allows(schema, "integer") &&
           !allows(schema, "boolean");
}

bool SchemaGuide::allowsKey(const json::Value* schema, std::string_view key) {
    if (schema == nullptr) return true;
    const auto* others = schema->find("additionalProperties");
    const bool closed = others != nullptr && others->isBool() && !others->asBool();
    if (!closed || schema->contains("patternProperties")) return true;
    const auto* properties = schema->find("properties");
    return properties != nullptr && properties->contains(key);
}

std::vector<std::string> SchemaGuide::keysOf(const json::Value* schema) {
    std::vector<std::string> keys;
    const auto* properties = schema == nullptr ? nullptr : schema->find("properties");
    if (properties == nullptr) return keys;
    for (const auto& member : properties->members()) keys.emplace_back(member.key());
    return keys;
}

}  // namespace syncline::settings
