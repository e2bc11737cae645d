// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pattern.h"

namespace syncline::acl {

/// Takes the next token of a JSON pointer, unescaped; false at its end.
bool takeToken(std::string_view& pointer, std::string& token);

/// A pattern for places in a record: a JSON pointer whose tokens are patterns, so that "/items/*"
/// is every member or element of "/items", with all that lies beneath it.
class Field {
public:
    explicit Field(std::string_view pointer);

    /// Where a place lies, seen from those that the pattern names.
    enum class Relation {
        apart,
        within,  ///< one of them, or beneath one
        around,  ///< above one: changing it changes them too
    };
    Relation relationOf(std::string_view pointer, std::string_view user) const;

private:
    std::vector<Pattern> tokens_;
};

}  // namespace syncline::acl
