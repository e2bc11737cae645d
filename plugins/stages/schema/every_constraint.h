// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "valijson.h"

namespace syncline::schema {

/// Sends every kind of constraint to Derived::other(constraint), for walks over a schema that care
/// for a few kinds: these they visit themselves.
template <class Derived>
class EveryConstraint : public valijson::constraints::ConstraintVisitor {
public:
    bool visit(const AllOfConstraint& constraint) override { return rest(constraint); }
    bool visit(const AnyOfConstraint& constraint) override { return rest(constraint); }
    bool visit(const ConditionalConstraint& constraint) override { return rest(constraint); }
    bool visit(const ConstConstraint& constraint) override { return rest(constraint); }
    bool visit(const ContainsConstraint& constraint) override { return rest(constraint); }
    bool visit(const DependenciesConstraint& constraint) override { return rest(constraint); }
    bool visit(const EnumConstraint& constraint) override { return rest(constraint); }
    bool visit(const FormatConstraint& constraint) override { return rest(constraint); }
    bool visit(const LinearItemsConstraint& constraint) override { return rest(constraint); }
    bool visit(const MaximumConstraint& constraint) override { return rest(constraint); }
    bool visit(const MaxItemsConstraint& constraint) override { return rest(constraint); }
    bool visit(const MaxLengthConstraint& constraint) override { return rest(constraint); }
    bool visit(const MaxPropertiesConstraint& constraint) override { return rest(constraint); }
    bool visit(const MinimumConstraint& constraint) override { return rest(constraint); }
    bool visit(const MinItemsConstraint& constraint) override { return rest(constraint); }
    bool visit(const MinLengthConstraint& constraint) override { return rest(constraint); }
    bool visit(const MinPropertiesConstraint& constraint) override { return rest(constraint); }
    bool visit(const MultipleOfDoubleConstraint& constraint) override { return rest(constraint); }
    bool visit(const MultipleOfIntConstraint& constraint) override { return rest(constraint); }
    bool visit(const NotConstraint& constraint) override { return rest(constraint); }
    bool visit(const OneOfConstraint& constraint) override { return rest(constraint); }
    bool visit(const PatternConstraint& constraint) override { return rest(constraint); }
    bool visit(const PolyConstraint& constraint) override { return rest(constraint); }
    bool visit(const PropertiesConstraint& constraint) override { return rest(constraint); }
    bool visit(const PropertyNamesConstraint& constraint) override { return rest(constraint); }
    bool visit(const RequiredConstraint& constraint) override { return rest(constraint); }
    bool visit(const SingularItemsConstraint& constraint) override { return rest(constraint); }
    bool visit(const TypeConstraint& constraint) override { return rest(constraint); }
    bool visit(const UniqueItemsConstraint& constraint) override { return rest(constraint); }

private:
    template <class Constraint>
    bool rest(const Constraint& constraint) {
        return static_cast<Derived*>(this)->other(constraint);
    }
};

}  // namespace syncline::schema
