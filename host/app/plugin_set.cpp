// SPDX-License-Identifier: Apache-2.0
#include "app/plugin_set.h"

#include <algorithm>
#include <stdexcept>

#include "bridge/host_tables.h"
#include "channel/event_sink.h"

namespace syncline::app {

namespace {

loading::SearchSettings searchOf(const settings::PluginsSettings& settings) {
    loading::SearchSettings search;
    for (const std::string& folder : settings.search) search.folders.emplace_back(folder);
    for (const std::filesystem::path& folder : ownPluginFolders()) search.folders.push_back(folder);
    search.allow = settings.allow;
    for (const settings::PluginFile& file : settings.load) search.load.emplace_back(file.path);
    return search;
}

/// Takes out the files whose bytes are not those that the configuration names.
void checkDigests(const settings::PluginsSettings& settings, loading::Findings& findings) {
    for (const settings::PluginFile& file : settings.load) {
        if (file.sha256.empty()) continue;
        const auto other =
            std::find_if(findings.plugins.begin(), findings.plugins.end(), [&](const auto& found) {
                return found.path == file.path && found.sha256 != file.sha256;
            });
        if (other == findings.plugins.end()) continue;
        findings.refused.emplace_back(
            loading::PluginCode::otherDigest, other->path,
            "has SHA-256 " + other->sha256 + ", the configuration names " + file.sha256);
        findings.plugins.erase(other);
    }
}

settings::ComponentInfo infoOf(const loading::Manifest& manifest,
                               const loading::ComponentManifest& component) {
    settings::ComponentInfo info;
    info.plugin = manifest.id;
    info.name = component.name;
    info.kind = loading::toString(component.kind);
    info.schema = component.schema;
    info.documentation = component.description;
    info.opensSession = component.flags.opensSession;
    info.carriesOps = component.flags.carriesOps;
    info.carriesBatches = component.flags.carriesBatches;
    info.resolvesConflicts = component.flags.resolvesConflicts;
    info.subscribes = component.flags.subscribes;
    info.readsSnapshot = component.flags.readsSnapshot;
    info.readsHistory = component.flags.readsHistory;
    info.blocking = component.flags.blocking;
    info.openToAnyone = component.flags.openToAnyone;
    info.filter = component.flags.filter;
    return info;
}

}  // namespace

loading::HostOffer hostOffer() {
    std::vector<loading::OfferedTable> tables;
    for (const bridge::OfferedTable& table : bridge::offeredTables()) {
        tables.push_back({std::string(table.id), table.minor});
    }
    return loading::HostOffer::ofThisProgram(std::move(tables));
}

std::vector<std::filesystem::path> ownPluginFolders() {
    std::error_code ignored;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
    if (ignored) return {};
    const std::filesystem::path root = program.parent_path().parent_path();
    return {root / "plugins", root / "lib" / "syncline" / "plugins"};
}

PluginSet::PluginSet(const settings::PluginsSettings& settings) {
    loading::Findings findings = loading::find(searchOf(settings), hostOffer());
    checkDigests(settings, findings);
    found_ = std::move(findings.plugins);
    refused_ = std::move(findings.refused);
    for (const loading::FoundPlugin& plugin : found_) {
        for (const loading::ComponentManifest& component : plugin.manifest.components) {
            components_.push_back(infoOf(plugin.manifest, component));
        }
    }
}

const loading::FoundPlugin& PluginSet::pluginOf(const std::string& id) const {
    for (const loading::FoundPlugin& plugin : found_) {
        if (plugin.manifest.id == id) return plugin;
    }
    throw std::logic_error("no plugin '" + id + "' was found");
}

std::vector<std::string> PluginSet::events() const {
    return {channel::kEventNames.begin(), channel::kEventNames.end()};
}

const loading::ComponentManifest& PluginSet::manifest(const std::string& plugin,
                                                      const std::string& component) const {
    const loading::ComponentManifest* found = pluginOf(plugin).manifest.component(component);
    if (found == nullptr) throw std::logic_error("no component '" + component + "'");
    return *found;
}

const syncline_component& PluginSet::component(const std::string& plugin,
                                               const std::string& component) {
    auto opened = opened_.find(plugin);
    if (opened == opened_.end()) {
        opened = opened_.emplace(plugin, loading::open(pluginOf(plugin))).first;
        openedOrder_.push_back(plugin);
    }
    return *opened->second.component(component);
}

}  // namespace syncline::app
