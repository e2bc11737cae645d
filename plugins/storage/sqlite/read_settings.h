// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/plugin/value.hpp>

#include "settings.h"

namespace syncline::sqlite {

/// The settings that a checked configuration means. What is absent keeps its default; what the
/// schema could not check is a ConfigError.
Settings readSettings(const Value& config);

}  // namespace syncline::sqlite
