// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "settings/node.h"

namespace syncline::settings {

/// Finds which part of a JSON Schema speaks about which value. Borrows the schema.
class SchemaGuide {
public:
    explicit SchemaGuide(const json::Value& root) : root_(root) {}

    const json::Value& root() const { return root_; }

    /// The schema behind local references, and, of several alternatives, the one that has the shape
    /// of this node. Null where nothing is known.
    const json::Value* forNode(const json::Value* schema, const Node& node) const;

    /// The same without a node to choose by: alternatives stay as they are.
    const json::Value* resolved(const json::Value* schema) const;

    /// The schema of a member of an object, of an item of an array.
    const json::Value* forMember(const json::Value* schema, std::string_view key) const;
    const json::Value* forItem(const json::Value* schema, std::size_t index) const;

    /// The schema of the value at a JSON pointer, alternatives chosen as they fit the value.
    const json::Value* forPointer(std::string_view pointer, const json::Value& config) const;

    /// The first reference that leads nowhere or in a circle, or empty.
    std::string brokenReference() const;

    /// Whether a schema says that values are of this type ("string", "integer", …).
    static bool allows(const json::Value* schema, std::string_view type);

    /// Whether a schema says that values are texts and nothing else.
    static bool isText(const json::Value* schema);

    /// Whether an object may have this key, as far as the schema says without patterns.
    static bool allowsKey(const json::Value* schema, std::string_view key);

    /// The keys that the schema names.
    static std::vector<std::string> keysOf(const json::Value* schema);

private:
    const json::Value* bestOf(const json::Value& alternatives, const Node& node) const;
    int fit(const json::Value* schema, const Node& node) const;

    const json::Value& root_;
};

}  // namespace syncline::settings
