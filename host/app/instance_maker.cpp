// SPDX-License-Identifier: Apache-2.0
#include "app/instance_maker.h"

#include <utility>

#include "app/start_failure.h"

namespace syncline::app {

namespace {

bridge::ComponentTraits traitsOf(const loading::ComponentManifest& manifest,
                                 const settings::ComponentUse& use, std::string name) {
    bridge::ComponentTraits traits;
    traits.plugin = use.plugin;
    traits.component = use.name;
    traits.instance = std::move(name);
    traits.blocking = manifest.flags.blocking;
    traits.asksAlways = manifest.flags.asksAlways;
    traits.opensSession = manifest.flags.opensSession;
    traits.carriesOps = manifest.flags.carriesOps;
    traits.carriesBatches = manifest.flags.carriesBatches;
    traits.resolvesConflicts = manifest.flags.resolvesConflicts;
    traits.subscribes = manifest.flags.subscribes;
    traits.readsSnapshot = manifest.flags.readsSnapshot;
    traits.readsHistory = manifest.flags.readsHistory;
    return traits;
}

}  // namespace

std::unique_ptr<bridge::Instance> InstanceMaker::make(const settings::ComponentUse& use,
                                                      std::string name) {
    const loading::ComponentManifest& manifest = plugins_.manifest(use.plugin, use.name);
    const syncline_component* component = nullptr;
    try {
        component = &plugins_.component(use.plugin, use.name);
    } catch (const loading::PluginError& error) {
        throw StartFailure(ExitCode::plugin, error.what());
    }
    auto instance =
        std::make_unique<bridge::Instance>(runtime_, *component, traitsOf(manifest, use, name));
    if (auto made = instance->create(); !made) {
        throw StartFailure(ExitCode::plugin, "plugin " + use.plugin + ": component '" + use.name +
                                                 "' could not be created: " + made.error().reason);
    }
    if (auto valid = instance->validate(use.config); !valid) {
        throw StartFailure(
            ExitCode::config,
            settings::locate(use, valid.error().pointer, valid.error().reason).render());
    }
    if (auto started = instance->start(); !started) {
        throw StartFailure(ExitCode::environment,
                           "'" + name + "' could not start: " + started.error().reason);
    }
    return instance;
}

}  // namespace syncline::app
