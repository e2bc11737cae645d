// SPDX-License-Identifier: Apache-2.0
#include "types.h"

#include <utility>

namespace syncline::schema {

namespace {

using valijson::constraints::TypeConstraint;

constexpr std::pair<TypeConstraint::JsonType, const char*> kNames[] = {
    {TypeConstraint::kObject, "object"},   {TypeConstraint::kArray, "array"},
    {TypeConstraint::kString, "string"},   {TypeConstraint::kNumber, "number"},
    {TypeConstraint::kInteger, "integer"}, {TypeConstraint::kBoolean, "boolean"},
    {TypeConstraint::kNull, "null"}};

}  // namespace

Types typesOf(const TypeConstraint& constraint) {
    Types types = 0;
    constraint.applyToNamedTypes([&](TypeConstraint::JsonType type) {
        types |= type == TypeConstraint::kAny ? kAnyType : typeBit(type);
        return true;
    });
    return types;
}

std::string nameOf(Types types) {
    std::string text;
    for (const auto& [type, name] : kNames) {
        if ((types & typeBit(type)) == 0) continue;
        if (!text.empty()) text += " or ";
        text += name;
    }
    return text;
}

}  // namespace syncline::schema
