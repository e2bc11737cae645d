// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

namespace syncline::conformance {

/// A row of the page's second part: a component that breaks a rule, and the claim that finds it.
struct Wrong {
    std::string folder;
    std::string component;
    std::string claim;
};

/// What docs/conformance.md says.
struct ConformancePage {
    std::set<std::string> claims;
    std::vector<Wrong> wrong;

    /// Throws std::runtime_error for a page that cannot be read, or has a row of another form.
    static ConformancePage read(const std::string& file);
};

}  // namespace syncline::conformance
