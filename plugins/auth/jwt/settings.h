// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <jose/key_set.h>
#include <jose/verify.h>

#include <cstdint>
#include <optional>
#include <string>
#include <syncline/plugin.hpp>

#include "mapping.h"

namespace syncline::jwt {

/// What the configuration says.
struct Settings {
    jose::Rules rules;
    Mapping mapping;
    std::string keysPath;  ///< empty: none
    std::int64_t reloadMs = 5'000;
    std::optional<jose::Key> secret;  ///< of HS256
};

/// Throws ConfigError for what the schema cannot say.
Settings readSettings(const Value& config);

}  // namespace syncline::jwt
