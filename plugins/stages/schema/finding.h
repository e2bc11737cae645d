// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace syncline::schema {

/// What a schema has against a value.
struct Finding {
    std::string pointer;  ///< to the place, from where the check began
    std::string reason;   ///< what follows the place in a sentence: "is no string"
};

}  // namespace syncline::schema
