// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "json/value.h"

namespace syncline::json {

/// Appends the text of RFC 8785 (JSON Canonicalization Scheme): the same for every value that is
/// the same, in whatever language it is made. Its numbers are those of ECMAScript, its members
/// stand in the order of their names' UTF-16 code units.
void writeJcs(const Value& value, std::string& out);

/// That order, for names in UTF-8.
bool comesBefore(std::string_view a, std::string_view b);

}  // namespace syncline::json
