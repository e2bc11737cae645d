// SPDX-License-Identifier: Apache-2.0
#include "references.h"

#include <string_view>

#include "pointer.h"

namespace syncline::schema {

namespace {

/// References to references, before it counts as a circle.
constexpr int kHopsMax = 32;

/// The value at "#/a/b"; missing when there is none.
Value target(const Value& root, std::string_view reference) {
    Value at = root;
    Tokens tokens(reference.substr(1));
    for (std::string token; at && tokens.next(token);) {
        at = at.isArray() ? at.at(indexOf(token)) : at[token];
    }
    return at;
}

void checkOne(const Value& root, std::string_view reference, const std::string& pointer) {
    for (int hop = 0; hop < kHopsMax; ++hop) {
        const bool local = reference == "#" || reference.substr(0, 2) == "#/";
        if (!local) {
            throw ConfigError(pointer,
                              "only references within the schema are followed, such as "
                              "\"#/definitions/name\"");
        }
        const Value found = target(root, reference);
        if (!found) {
            throw ConfigError(pointer,
                              "the reference " + std::string(reference) + " leads nowhere");
        }
        if (!found["$ref"].isString()) return;
        reference = found["$ref"].string();
    }
    throw ConfigError(pointer, "the reference leads in a circle");
}

void checkBeneath(const Value& root, const Value& value, const std::string& pointer) {
    if (const Value reference = value["$ref"]; reference.isString()) {
        checkOne(root, reference.string(), pointer + "/$ref");
    }
    for (const auto [name, member] : value.members()) {
        checkBeneath(root, member, pointer + "/" + escaped(name));
    }
    if (!value.isArray()) return;
    for (std::size_t i = 0; i < value.size(); ++i) {
        checkBeneath(root, value.at(i), pointer + "/" + std::to_string(i));
    }
}

}  // namespace

void checkReferences(const Value& schema, const std::string& pointer) {
    checkBeneath(schema, schema, pointer);
}

}  // namespace syncline::schema
