// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>

#include "app/plugin_set.h"

namespace syncline::app {

/// A line for each component that a configuration may name behind `use:`.
void printComponents(std::ostream& out, const PluginSet& plugins);

/// Everything that a plugin says about itself, as JSON.
void printPlugin(std::ostream& out, const loading::FoundPlugin& plugin);

}  // namespace syncline::app
