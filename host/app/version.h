// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace syncline::app {

/// Of this server, from the build.
inline constexpr std::string_view kVersion = SYNCLINE_VERSION;

}  // namespace syncline::app
