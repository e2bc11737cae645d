// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/result.h"

namespace syncline::channel {

/// The rules for names of channels and keys: 1 to 255 bytes of UTF-8, no control characters, no
/// leading `$`. `what` is the field that the error (1104) names.
core::Result<void> checkName(std::string_view what, std::string_view name);

}  // namespace syncline::channel
