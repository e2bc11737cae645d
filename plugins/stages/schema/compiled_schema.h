// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <syncline/plugin.hpp>

#include "valijson.h"

namespace syncline::schema {

using Subschema = valijson::Subschema;

/// What a value may cost at most that is held against a schema.
struct Limits {
    std::size_t patternBytesMax = 0;  ///< of a string or name that is held against a pattern
    std::size_t uniqueItemsMax = 0;   ///< of an array whose elements have to differ
};

/// A JSON Schema, read once by valijson and then immutable: shards share it. Its patterns are
/// compiled here, and its members sorted, by the address of what they stand in.
class CompiledSchema {
public:
    /// Throws ConfigError with a pointer beneath `pointer` for what is no schema, or none that this
    /// stage can hold values against.
    CompiledSchema(const Value& schema, const std::string& pointer, const Limits& limits);
    CompiledSchema(const CompiledSchema&) = delete;
    CompiledSchema& operator=(const CompiledSchema&) = delete;

    const Subschema& root() const { return schema_; }
    const Limits& limits() const { return limits_; }

    /// `place` is the constraint, or the name in `patternProperties`, in which it stands.
    const std::regex& pattern(const void* place) const { return patterns_.at(place); }

    /// What stands under `properties` there, by name.
    using Members = std::map<std::string, const Subschema*, std::less<>>;
    const Members& members(const void* constraint) const { return members_.at(constraint); }

private:
    friend class Survey;

    valijson::Schema schema_;
    const Limits limits_;
    std::map<const void*, std::regex> patterns_;
    std::map<const void*, Members> members_;
};

}  // namespace syncline::schema
