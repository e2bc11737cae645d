// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "settings/catalog.h"
#include "settings/component_use.h"

namespace syncline::settings {

/// A component that the configuration does not mention, with the defaults of its schema alone.
/// Nothing if its schema is not content with them. [setup]
std::optional<ComponentUse> defaultConfig(const ComponentInfo& info);

}  // namespace syncline::settings
