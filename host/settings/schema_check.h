// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "json/value.h"

namespace syncline::settings {

/// One thing that a JSON Schema refuses, in the words of the checker.
struct SchemaIssue {
    std::string pointer;  ///< JSON pointer of the value
    std::string said;
};

struct SchemaVerdict {
    std::vector<SchemaIssue> issues;
    std::string brokenSchema;  ///< why the schema itself cannot be used; empty if it can
};

/// Checks a value against a JSON Schema (draft 7).
SchemaVerdict checkAgainstSchema(const json::Value& schema, const json::Value& value);

}  // namespace syncline::settings
