// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

namespace syncline::bridge {

/// The name of the first function that a component must have and has not, so that no later call
/// needs to look; null when it has all. Optional ones are looked for where they are called.
const char* missingFunction(const syncline_component& component);

}  // namespace syncline::bridge
