// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "json/value.h"
#include "settings/component_use.h"
#include "settings/diagnostic.h"
#include "settings/schema_check.h"
#include "settings/schema_guide.h"

namespace syncline::settings {

/// Turns what a schema refuses into diagnostics: each at its line and column, in the words of a
/// configuration, once.
class IssueReport {
public:
    IssueReport(std::string label, const SchemaGuide& guide, const ComponentUse& use,
                const std::set<std::string>& broken, Diagnostics& diagnostics)
        : label_(std::move(label)),
          guide_(guide),
          use_(use),
          broken_(broken),
          diagnostics_(diagnostics) {}

    /// Checks `value`, which stands at `base` of the configuration, against `schema`, and reports.
    /// The reason why the schema cannot be used, or empty.
    std::string add(const json::Value& schema, const json::Value& value, const std::string& base);

private:
    void report(const SchemaIssue& issue, const SchemaGuide& guide, const json::Value& value,
                const std::string& base);
    bool isKnown(const std::string& pointer) const;
    bool isKnownBeneath(const std::string& pointer) const;

    std::string label_;
    const SchemaGuide& guide_;
    const ComponentUse& use_;
    const std::set<std::string>& broken_;
    Diagnostics& diagnostics_;
};

}  // namespace syncline::settings
