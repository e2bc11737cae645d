// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "app/plugin_set.h"
#include "settings/settings.h"

namespace syncline::app {

/// A configuration that has been checked, with the plugins that it was checked against.
struct LoadedConfig {
    std::unique_ptr<PluginSet> plugins;
    settings::Settings settings;
};

/// Prints everything that is wrong on standard error. Throws StartFailure if nothing may be started
/// with it. [control thread]
LoadedConfig loadConfig(const std::string& configFile);

}  // namespace syncline::app
