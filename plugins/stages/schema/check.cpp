// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "every_constraint.h"
#include "formats.h"
#include "leaf_reason.h"
#include "pointer.h"
#include "value_adapter.h"

namespace syncline::schema {

namespace {

/// Schemas may go round in circles without getting deeper into the value.
constexpr int kDepthMax = 400;

/// Ends a check whose result is not worth its cost, whatever it is nested in: inside of a `not` or
/// an `anyOf` it must not pass for a plain mismatch.
struct TooCostly {
    const char* reason;
};

/// One schema against one value. What leads deeper is walked here, because valijson would copy the
/// path at every step, and match patterns against texts of any length; the rest is valijson's.
class Walk final : public EveryConstraint<Walk> {
public:
    Walk(const CompiledSchema& schema, const Value& value, const Host& host, int depth)
        : schema_(schema), value_(value), host_(host), depth_(depth) {
        if (depth > kDepthMax) throw TooCostly{"is nested too deeply for its schema"};
    }

    std::optional<Finding> against(const Subschema& part) {
        if (part.getAlwaysInvalid()) return Finding{"", "is not allowed"};
        Subschema::ApplyFunction each = [this](const Subschema::Constraint& constraint) {
            return constraint.accept(*this);
        };
        part.applyStrict(each);
        return std::move(finding_);
    }

    using EveryConstraint::visit;

    bool visit(const AllOfConstraint& constraint) override {
        constraint.applyToSubschemas([this](unsigned, const Subschema* part) {
            finding_ = beneath(value_, *part);
            return !finding_;
        });
        return !finding_;
    }
    bool visit(const AnyOfConstraint& constraint) override {
        return fitting(constraint, 1) > 0 || fails("fits none of the alternatives");
    }
    bool visit(const OneOfConstraint& constraint) override {
        const int fits = fitting(constraint, 2);
        return fits == 1 || fails(fits == 0 ? "fits none of the alternatives"
                                            : "fits more than one of the alternatives");
    }
    bool visit(const NotConstraint& constraint) override {
        return beneath(value_, *constraint.getSubschema()) || fails("is what it must not be");
    }
    bool visit(const ConditionalConstraint& constraint) override {
        const bool holds = !beneath(value_, *constraint.getIfSubschema());
        const Subschema* due =
            holds ? constraint.getThenSubschema() : constraint.getElseSubschema();
        if (due != nullptr) finding_ = beneath(value_, *due);
        return !finding_;
    }
    bool visit(const ContainsConstraint& constraint) override {
        if (!value_.isArray()) return true;
        for (const Value element : value_) {
            if (!beneath(element, *constraint.getSubschema())) return true;
        }
        return fails("contains no element of those that it must");
    }
    bool visit(const DependenciesConstraint& constraint) override;
    bool visit(const PropertyNamesConstraint& constraint) override;
    bool visit(const PropertiesConstraint& constraint) override;
    bool visit(const SingularItemsConstraint& constraint) override;
    bool visit(const LinearItemsConstraint& constraint) override;
    bool visit(const UniqueItemsConstraint& constraint) override;

    bool visit(const PatternConstraint& constraint) override {
        return !value_.isString() || matches(&constraint, value_.string()) ||
               fails("does not match its pattern");
    }
    bool visit(const FormatConstraint& constraint) override {
        return !value_.isString() || hasFormat(value_.string(), constraint.getFormat()) ||
               fails("is no " + constraint.getFormat());
    }

    template <class Constraint>
    bool other(const Constraint& constraint) {
        valijson::ValidationVisitor<ValueAdapter> leaf(ValueAdapter(value_), {}, true, nullptr,
                                                       noPatterns_);
        return leaf.visit(constraint) || fails(reasonOf(constraint, value_));
    }

private:
    std::optional<Finding> beneath(const Value& value, const Subschema& part) const {
        return Walk(schema_, value, host_, depth_ + 1).against(part);
    }

    /// How many of the alternatives fit; counting ends at `enough`.
    template <class Constraint>
    int fitting(const Constraint& constraint, int enough) const {
        int count = 0;
        constraint.applyToSubschemas([&](unsigned, const Subschema* part) {
            if (!beneath(value_, *part)) ++count;
            return count < enough;
        });
        return count;
    }

    bool matches(const void* place, std::string_view text) const {
        // Beyond it the matcher of the standard library would use up the stack.
        if (text.size() > schema_.limits().patternBytesMax) {
            throw TooCostly{"is too long to be held against a pattern"};
        }
        return std::regex_search(text.begin(), text.end(), schema_.pattern(place));
    }

    /// Whether the member fits; if not, that is what there is to say.
    bool takes(std::string_view token, const Value& member, const Subschema& part) {
        finding_ = beneath(member, part);
        if (finding_) finding_->pointer.insert(0, "/" + escaped(token));
        return !finding_;
    }

    bool takesElement(std::size_t index, const Value& element, const Subschema& part) {
        finding_ = beneath(element, part);
        if (finding_) finding_->pointer.insert(0, "/" + std::to_string(index));
        return !finding_;
    }

    bool takesMember(const PropertiesConstraint& constraint, std::string_view name,
                     const Value& member);

    bool fails(std::string reason) {
        finding_ = Finding{"", std::move(reason)};
        return false;
    }

    const CompiledSchema& schema_;
    const Value value_;
    const Host& host_;
    const int depth_;
    std::optional<Finding> finding_;
    /// Where valijson would keep patterns, if it were asked about any.
    std::unordered_map<std::string, std::regex> noPatterns_;
};

bool Walk::visit(const DependenciesConstraint& constraint) {
    if (!value_.isObject()) return true;
    constraint.applyToPropertyDependencies([&](const auto& name, const auto& needed) {
        if (!value_.contains(name.c_str())) return true;
        for (const auto& other : needed) {
            if (value_.contains(other.c_str())) continue;
            return fails(std::string("lacks '") + other.c_str() + "', which '" + name.c_str() +
                         "' needs");
        }
        return true;
    });
    if (finding_) return false;
    constraint.applyToSchemaDependencies([&](const auto& name, const Subschema* part) {
        if (value_.contains(name.c_str())) finding_ = beneath(value_, *part);
        return !finding_;
    });
    return !finding_;
}

bool Walk::visit(const PropertyNamesConstraint& constraint) {
    for (const auto member : value_.members()) {
        Document name = host_.document();
        name.add(member.name);
        if (beneath(name.result(), *constraint.getSubschema())) {
            return fails("has a member whose name is not allowed");
        }
    }
    return true;
}

/// By its name, by the patterns that its name matches, and if neither says anything, as the rest.
bool Walk::takesMember(const PropertiesConstraint& constraint, std::string_view name,
                       const Value& member) {
    bool known = false;
    const CompiledSchema::Members& members = schema_.members(&constraint);
    if (const auto found = members.find(name); found != members.end()) {
        known = true;
        if (!takes(name, member, *found->second)) return false;
    }
    constraint.applyToPatternProperties([&](const auto& pattern, const Subschema* part) {
        if (!matches(&pattern, name)) return true;
        known = true;
        return takes(name, member, *part);
    });
    if (known || finding_) return !finding_;
    const Subschema* rest = constraint.getAdditionalPropertiesSubschema();
    if (rest != nullptr) return takes(name, member, *rest);
    finding_ = Finding{"/" + escaped(name), "is not known"};
    return false;
}

bool Walk::visit(const PropertiesConstraint& constraint) {
    for (const auto member : value_.members()) {
        if (!takesMember(constraint, member.name, member.value)) return false;
    }
    return true;
}

bool Walk::visit(const SingularItemsConstraint& constraint) {
    if (!value_.isArray() || constraint.getItemsSubschema() == nullptr) return true;
    std::size_t index = 0;
    for (const Value element : value_) {
        if (!takesElement(index++, element, *constraint.getItemsSubschema())) return false;
    }
    return true;
}

bool Walk::visit(const LinearItemsConstraint& constraint) {
    if (!value_.isArray()) return true;
    std::vector<const Subschema*> parts;
    constraint.applyToItemSubschemas([&](unsigned, const Subschema* part) {
        parts.push_back(part);
        return true;
    });
    for (std::size_t i = 0; i < value_.size(); ++i) {
        const bool listed = i < parts.size();
        const Subschema* part = listed ? parts[i] : constraint.getAdditionalItemsSubschema();
        if (part == nullptr) return fails("has more elements than are allowed");
        if (!takesElement(i, value_.at(i), *part)) return false;
    }
    return true;
}

bool Walk::visit(const UniqueItemsConstraint&) {
    if (!value_.isArray()) return true;
    if (value_.size() > schema_.limits().uniqueItemsMax) {
        throw TooCostly{"has too many elements to be compared with each other"};
    }
    for (std::size_t i = 1; i < value_.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (value_.at(i) != value_.at(j)) continue;
            finding_ = Finding{"/" + std::to_string(i), "is there twice"};
            return false;
        }
    }
    return true;
}

}  // namespace

std::optional<Finding> check(const CompiledSchema& schema, const Subschema& part,
                             const Value& value, const Host& host) {
    try {
        return Walk(schema, value, host, 0).against(part);
    } catch (const TooCostly& cost) {
        return Finding{"", std::string("or something in it ") + cost.reason};
    }
}

}  // namespace syncline::schema
