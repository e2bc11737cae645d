// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "valijson.h"

namespace syncline::schema {

/// A set of JSON types: one bit for each.
using Types = unsigned;

constexpr Types typeBit(valijson::constraints::TypeConstraint::JsonType type) {
    return 1U << static_cast<unsigned>(type);
}

constexpr Types kAnyType = ~0U;
constexpr Types kArrayType = typeBit(valijson::constraints::TypeConstraint::kArray);
constexpr Types kObjectType = typeBit(valijson::constraints::TypeConstraint::kObject);
constexpr Types kNumberType = typeBit(valijson::constraints::TypeConstraint::kNumber);
constexpr Types kIntegerType = typeBit(valijson::constraints::TypeConstraint::kInteger);

/// What a `type` names.
Types typesOf(const valijson::constraints::TypeConstraint& constraint);

/// "string", "number or null".
std::string nameOf(Types types);

}  // namespace syncline::schema
