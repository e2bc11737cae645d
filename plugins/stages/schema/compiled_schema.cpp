// SPDX-License-Identifier: Apache-2.0
#include "compiled_schema.h"

#include <exception>
#include <set>
#include <vector>

#include "every_constraint.h"
#include "references.h"

namespace syncline::schema {

namespace constraints = valijson::constraints;

/// Visits everything that hangs on a schema once: compiles the patterns, and refuses what would
/// fail later.
class Survey final : public EveryConstraint<Survey> {
public:
    explicit Survey(CompiledSchema& compiled) : compiled_(compiled) {}

    void cover(const Subschema* subschema) {
        if (subschema == nullptr || !seen_.insert(subschema).second) return;
        Subschema::ApplyFunction each = [this](const Subschema::Constraint& constraint) {
            return constraint.accept(*this);
        };
        subschema->apply(each);
    }

    using EveryConstraint::visit;

    bool visit(const AllOfConstraint& constraint) override { return coverAll(constraint); }
    bool visit(const AnyOfConstraint& constraint) override { return coverAll(constraint); }
    bool visit(const OneOfConstraint& constraint) override { return coverAll(constraint); }
    bool visit(const NotConstraint& constraint) override { return coverOne(constraint); }
    bool visit(const ContainsConstraint& constraint) override { return coverOne(constraint); }
    bool visit(const PropertyNamesConstraint& constraint) override { return coverOne(constraint); }
    bool visit(const ConditionalConstraint& constraint) override {
        cover(constraint.getIfSubschema());
        cover(constraint.getThenSubschema());
        cover(constraint.getElseSubschema());
        return true;
    }
    bool visit(const DependenciesConstraint& constraint) override {
        constraint.applyToSchemaDependencies([this](const auto&, const Subschema* needed) {
            cover(needed);
            return true;
        });
        return true;
    }
    bool visit(const SingularItemsConstraint& constraint) override {
        cover(constraint.getItemsSubschema());
        return true;
    }
    bool visit(const LinearItemsConstraint& constraint) override {
        constraint.applyToItemSubschemas([this](unsigned, const Subschema* item) {
            cover(item);
            return true;
        });
        cover(constraint.getAdditionalItemsSubschema());
        return true;
    }
    bool visit(const PropertiesConstraint& constraint) override {
        CompiledSchema::Members& members = compiled_.members_[&constraint];
        constraint.applyToProperties([&](const auto& name, const Subschema* member) {
            members.emplace(std::string(name.data(), name.size()), member);
            cover(member);
            return true;
        });
        constraint.applyToPatternProperties([this](const auto& pattern, const Subschema* member) {
            compile(&pattern, pattern.c_str());
            cover(member);
            return true;
        });
        cover(constraint.getAdditionalPropertiesSubschema());
        return true;
    }
    bool visit(const PatternConstraint& constraint) override {
        compile(&constraint, constraint.getPattern<std::allocator<char>>());
        return true;
    }
    bool visit(const MultipleOfIntConstraint& constraint) override {
        if (constraint.getDivisor() == 0) throw std::runtime_error("multipleOf is 0");
        return true;
    }
    bool other(const Subschema::Constraint&) { return true; }

private:
    template <class Constraint>
    bool coverAll(const Constraint& constraint) {
        constraint.applyToSubschemas([this](unsigned, const Subschema* part) {
            cover(part);
            return true;
        });
        return true;
    }
    template <class Constraint>
    bool coverOne(const Constraint& constraint) {
        cover(constraint.getSubschema());
        return true;
    }

    void compile(const void* place, const std::string& pattern) {
        try {
            compiled_.patterns_.emplace(place, std::regex(pattern));
        } catch (const std::regex_error&) {
            throw std::runtime_error("the pattern '" + pattern + "' is no regular expression");
        }
    }

    CompiledSchema& compiled_;
    std::set<const Subschema*> seen_;
};

CompiledSchema::CompiledSchema(const Value& schema, const std::string& pointer,
                               const Limits& limits)
    : limits_(limits) {
    checkReferences(schema, pointer);
    rapidjson::Document document;
    document.Parse(schema.serialize().c_str());
    try {
        valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
        parser.populateSchema(valijson::adapters::RapidJsonAdapter(document), schema_);
        Survey(*this).cover(&schema_);
    } catch (const std::exception& problem) {
        throw ConfigError(pointer, std::string("no usable JSON Schema: ") + problem.what());
    }
}

}  // namespace syncline::schema
