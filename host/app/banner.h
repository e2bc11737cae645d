// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>

#include "app/plugin_set.h"
#include "app/server.h"
#include "settings/settings.h"

namespace syncline::app {

/// What a person who has just started the server wants to know: where it listens, which plugins and
/// pipelines it runs, and one line to try.
void printBanner(std::ostream& out, const Server& server, const settings::Settings& settings,
                 const PluginSet& plugins);

}  // namespace syncline::app
