// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/error.h"
#include "core/ids.h"
#include "settings/settings.h"

namespace syncline::app {

inline constexpr std::string_view kGoodbye = "the server is shutting down";

/// What one client of a server that goes down is told: 1502, and to come back between
/// `drain.retry_after` and `drain.spread` later, at random. [any thread]
core::Error goodbye(const settings::DrainSettings& settings, core::Random& random);

}  // namespace syncline::app
