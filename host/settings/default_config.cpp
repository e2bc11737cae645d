// SPDX-License-Identifier: Apache-2.0
#include "settings/default_config.h"

#include "settings/component_config.h"

namespace syncline::settings {

std::optional<ComponentUse> defaultConfig(const ComponentInfo& info) {
    Diagnostics diagnostics;
    const FixedEnvironment nothing;
    Reader reader({}, nothing, diagnostics);
    auto use = configure(info, nullptr, {}, reader);
    if (diagnostics.hasErrors()) return std::nullopt;
    return use;
}

}  // namespace syncline::settings
