// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiled_schema.h"
#include "types.h"

namespace syncline::schema {

/// What a schema says of one place in a record, found without a value: what stands under
/// `properties`, `patternProperties`, `additionalProperties`, `items` and `allOf` on the way there.
/// What depends on the value (`anyOf`, `oneOf`, `not`, `if`, `dependencies`) says nothing here.
class Place {
public:
    static Place rootOf(const CompiledSchema& schema);

    /// The place of a member, or of an element, by a token of a JSON pointer ("-": a new element).
    Place beneath(const std::string& token) const;

    /// The place of a member: for a parent that is known to be an object.
    Place member(std::string_view name) const;

    /// The place of a new element.
    Place element() const;

    /// Whether the schema lets anything be there.
    bool allowed() const { return allowed_; }

    /// Whether the object here has to have that member.
    bool mustHave(std::string_view name) const;

    /// What may be here.
    Types types() const;

    /// Everything that a value here has to fit.
    const std::vector<const Subschema*>& parts() const { return parts_; }

private:
    explicit Place(const CompiledSchema& schema) : schema_(&schema) {}

    const CompiledSchema* schema_;
    std::vector<const Subschema*> parts_;
    bool allowed_ = true;
};

}  // namespace syncline::schema
