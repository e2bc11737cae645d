// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "app/plugin_set.h"
#include "bridge/instance.h"
#include "settings/component_use.h"

namespace syncline::app {

/// Makes component instances of what the configuration uses: opens the library, creates, validates
/// and starts. Borrowed things outlive it. [control thread]
class InstanceMaker {
public:
    InstanceMaker(PluginSet& plugins, bridge::Runtime& runtime)
        : plugins_(plugins), runtime_(runtime) {}

    /// `name`: what logs and metrics call the instance. Throws StartFailure: `config` with the
    /// line that the plugin complains about, `plugin` if it cannot be opened or created,
    /// `environment` if it cannot start.
    std::unique_ptr<bridge::Instance> make(const settings::ComponentUse& use, std::string name);

private:
    PluginSet& plugins_;
    bridge::Runtime& runtime_;
};

}  // namespace syncline::app
