// SPDX-License-Identifier: Apache-2.0
#include "descent.h"

#include <set>

#include "every_constraint.h"
#include "pointer.h"

namespace syncline::schema {

namespace {

/// Visits the constraints of some parts, and those of what their `allOf` lists, once each.
template <class Derived>
class PartsVisitor : public EveryConstraint<Derived> {
public:
    using EveryConstraint<Derived>::visit;

    void over(const std::vector<const Subschema*>& parts) {
        for (const Subschema* part : parts) into(part);
    }
    bool visit(const valijson::constraints::AllOfConstraint& constraint) override {
        constraint.applyToSubschemas([this](unsigned, const Subschema* part) {
            into(part);
            return true;
        });
        return true;
    }
    bool other(const Subschema::Constraint&) { return true; }

private:
    void into(const Subschema* part) {
        if (!seen_.insert(part).second) return;
        Subschema::ApplyFunction each = [this](const Subschema::Constraint& constraint) {
            return constraint.accept(*this);
        };
        part->apply(each);
    }

    std::set<const Subschema*> seen_;
};

class ToMember final : public PartsVisitor<ToMember> {
public:
    ToMember(const CompiledSchema& schema, std::string_view name) : schema_(schema), name_(name) {}

    using PartsVisitor::visit;
    bool visit(const PropertiesConstraint& constraint) override {
        bool known = false;
        const auto& members = schema_.members(&constraint);
        if (const auto found = members.find(name_); found != members.end()) {
            known = true;
            found_.push_back(found->second);
        }
        constraint.applyToPatternProperties([&](const auto& pattern, const Subschema* part) {
            if (!matches(&pattern)) return true;
            known = true;
            found_.push_back(part);
            return true;
        });
        const Subschema* rest = constraint.getAdditionalPropertiesSubschema();
        if (!known && rest != nullptr) found_.push_back(rest);
        allowed_ = allowed_ && (known || rest != nullptr);
        return true;
    }

    std::vector<const Subschema*> found_;
    bool allowed_ = true;

private:
    bool matches(const void* place) {
        if (name_.size() > schema_.limits().patternBytesMax) {
            allowed_ = false;
            return false;
        }
        return std::regex_search(name_.begin(), name_.end(), schema_.pattern(place));
    }

    const CompiledSchema& schema_;
    const std::string_view name_;
};

class ToElement final : public PartsVisitor<ToElement> {
public:
    using PartsVisitor::visit;
    bool visit(const SingularItemsConstraint& constraint) override {
        if (constraint.getItemsSubschema() != nullptr) {
            found_.push_back(constraint.getItemsSubschema());
        }
        return true;
    }

    std::vector<const Subschema*> found_;
};

class RequiredMembers final : public PartsVisitor<RequiredMembers> {
public:
    explicit RequiredMembers(std::string_view name) : name_(name) {}

    using PartsVisitor::visit;
    bool visit(const RequiredConstraint& constraint) override {
        constraint.applyToRequiredProperties([this](const auto& name) {
            found_ = found_ || std::string_view(name.data(), name.size()) == name_;
            return !found_;
        });
        return true;
    }

    bool found_ = false;

private:
    const std::string_view name_;
};

class NamedTypes final : public PartsVisitor<NamedTypes> {
public:
    using PartsVisitor::visit;
    bool visit(const TypeConstraint& constraint) override {
        Types named = typesOf(constraint);
        // Every integer is a number, so where a number may be, an integer may be too.
        if ((named & kNumberType) != 0) named |= kIntegerType;
        types_ &= named;
        return true;
    }

    Types types_ = kAnyType;
};

}  // namespace

Place Place::rootOf(const CompiledSchema& schema) {
    Place place(schema);
    place.parts_.push_back(&schema.root());
    return place;
}

Place Place::member(std::string_view name) const {
    ToMember step(*schema_, name);
    step.over(parts_);
    Place place(*schema_);
    place.parts_ = std::move(step.found_);
    place.allowed_ = allowed_ && step.allowed_;
    for (const Subschema* part : place.parts_) {
        place.allowed_ = place.allowed_ && !part->getAlwaysInvalid();
    }
    return place;
}

Place Place::element() const {
    ToElement step;
    step.over(parts_);
    Place place(*schema_);
    place.parts_ = std::move(step.found_);
    place.allowed_ = allowed_;
    return place;
}

Place Place::beneath(const std::string& token) const {
    const Types here = types();
    const bool mayBeObject = (here & kObjectType) != 0;
    const bool mayBeArray = (here & kArrayType) != 0;
    const bool index = token == "-" || indexOf(token) != static_cast<std::size_t>(-1);
    if (!mayBeObject && !(mayBeArray && index)) {
        Place nowhere(*schema_);
        nowhere.allowed_ = false;
        return nowhere;
    }
    if (!mayBeObject) return element();
    if (!mayBeArray || !index) return member(token);
    // Either may be: what is known of elements holds only if nothing is known of members.
    const Place asMember = member(token);
    return asMember.parts_.empty() && asMember.allowed_ ? element() : asMember;
}

bool Place::mustHave(std::string_view name) const {
    RequiredMembers required(name);
    required.over(parts_);
    return required.found_;
}

Types Place::types() const {
    NamedTypes types;
    types.over(parts_);
    return types.types_;
}

}  // namespace syncline::schema
