// SPDX-License-Identifier: Apache-2.0
#include "app/loaded_config.h"

#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

#include "app/start_failure.h"
#include "settings/load.h"

namespace syncline::app {

namespace {

bool isNamed(const loading::PluginError& error, const std::vector<settings::PluginFile>& named) {
    return std::any_of(named.begin(), named.end(),
                       [&](const settings::PluginFile& file) { return file.path == error.path(); });
}

/// Prints which plugin files were not taken. A file that the configuration names must be good. One
/// that merely lies in a search folder stands in nobody's way, unless the configuration has errors
/// for which it may be the cause. Answers whether the server may start.
bool reportRefused(const PluginSet& plugins, const std::vector<settings::PluginFile>& named,
                   bool configurationIsFine) {
    bool usable = true;
    for (const loading::PluginError& error : plugins.refused()) {
        const bool fatal = isNamed(error, named);
        // Other people's plugins in a shared folder are what the allow-list is for.
        if (!fatal && configurationIsFine && error.code() == loading::PluginCode::notAllowed) {
            continue;
        }
        std::cerr << "plugin " << error.path().filename().string() << ": "
                  << (fatal ? "error" : "warning") << '[' << loading::toString(error.code())
                  << "]: " << error.reason() << '\n';
        usable = usable && !fatal;
    }
    return usable;
}

}  // namespace

LoadedConfig loadConfig(const std::string& configFile) {
    const settings::ProcessEnvironment environment;
    settings::Draft draft = settings::readDraft(configFile, environment);
    const std::vector<settings::PluginFile> draftedLoads = draft.plugins().load;
    auto plugins = std::make_unique<PluginSet>(draft.plugins());
    settings::LoadOutcome outcome = settings::finish(std::move(draft), environment, *plugins);
    std::cerr << outcome.diagnostics.render();
    const bool usable = reportRefused(*plugins, draftedLoads, outcome.settings.has_value());
    if (!usable) throw StartFailure(ExitCode::plugin, "");
    if (!outcome.settings) throw StartFailure(ExitCode::config, "");
    return {std::move(plugins), std::move(*outcome.settings)};
}

}  // namespace syncline::app
