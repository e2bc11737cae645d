// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <syncline/plugin.hpp>

#include "types.h"
#include "valijson.h"

// What is wrong with a value that does not satisfy a constraint, behind the name of its place.

namespace syncline::schema {

inline std::string numberText(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%.15g", number);
    return text;
}

inline std::string reasonOf(const valijson::constraints::TypeConstraint& constraint, const Value&) {
    return "is no " + nameOf(typesOf(constraint));
}

inline std::string reasonOf(const valijson::constraints::RequiredConstraint& constraint,
                            const Value& value) {
    std::string reason = "lacks a member";
    constraint.applyToRequiredProperties([&](const auto& name) {
        if (value.contains({name.data(), name.size()})) return true;
        reason = "lacks '" + std::string(name.data(), name.size()) + "'";
        return false;
    });
    return reason;
}

inline std::string reasonOf(const valijson::constraints::MinimumConstraint& constraint,
                            const Value&) {
    return std::string("is less than ") + (constraint.getExclusiveMinimum() ? "or equal to " : "") +
           numberText(constraint.getMinimum());
}

inline std::string reasonOf(const valijson::constraints::MaximumConstraint& constraint,
                            const Value&) {
    return std::string("is more than ") + (constraint.getExclusiveMaximum() ? "or equal to " : "") +
           numberText(constraint.getMaximum());
}

inline std::string reasonOf(const valijson::constraints::MinLengthConstraint& constraint,
                            const Value&) {
    return "has fewer than " + std::to_string(constraint.getMinLength()) + " characters";
}

inline std::string reasonOf(const valijson::constraints::MaxLengthConstraint& constraint,
                            const Value&) {
    return "has more than " + std::to_string(constraint.getMaxLength()) + " characters";
}

inline std::string reasonOf(const valijson::constraints::MinItemsConstraint& constraint,
                            const Value&) {
    return "has fewer than " + std::to_string(constraint.getMinItems()) + " elements";
}

inline std::string reasonOf(const valijson::constraints::MaxItemsConstraint& constraint,
                            const Value&) {
    return "has more than " + std::to_string(constraint.getMaxItems()) + " elements";
}

inline std::string reasonOf(const valijson::constraints::MinPropertiesConstraint& constraint,
                            const Value&) {
    return "has fewer than " + std::to_string(constraint.getMinProperties()) + " members";
}

inline std::string reasonOf(const valijson::constraints::MaxPropertiesConstraint& constraint,
                            const Value&) {
    return "has more than " + std::to_string(constraint.getMaxProperties()) + " members";
}

inline std::string reasonOf(const valijson::constraints::MultipleOfIntConstraint& constraint,
                            const Value&) {
    return "is no multiple of " + std::to_string(constraint.getDivisor());
}

inline std::string reasonOf(const valijson::constraints::MultipleOfDoubleConstraint& constraint,
                            const Value&) {
    return "is no multiple of " + numberText(constraint.getDivisor());
}

inline std::string reasonOf(const valijson::constraints::ConstConstraint&, const Value&) {
    return "is not the one allowed value";
}

inline std::string reasonOf(const valijson::constraints::EnumConstraint&, const Value&) {
    return "is none of the allowed values";
}

inline std::string reasonOf(const valijson::constraints::Constraint&, const Value&) {
    return "does not fit";
}

}  // namespace syncline::schema
