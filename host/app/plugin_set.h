// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "loading/library.h"
#include "settings/catalog.h"
#include "settings/settings.h"

namespace syncline::app {

/// The plugins that a configuration reaches: found and checked, opened only when asked for. Also
/// the catalog that the configuration's `use:` entries are held against. [control thread]
class PluginSet final : public settings::Catalog {
public:
    /// Finds and checks; opens nothing.
    explicit PluginSet(const settings::PluginsSettings& settings);

    const std::vector<settings::ComponentInfo>& components() const override { return components_; }

    std::vector<std::string> events() const override;

    /// Files that were not taken, and why.
    const std::vector<loading::PluginError>& refused() const { return refused_; }

    const std::vector<loading::FoundPlugin>& found() const { return found_; }

    /// What the manifest says of that component. It is there, because the catalog named it.
    const loading::ComponentManifest& manifest(const std::string& plugin,
                                               const std::string& component) const;

    /// The component's functions; opens the library on the first call. Throws PluginError.
    const syncline_component& component(const std::string& plugin, const std::string& component);

    /// Ids of the libraries that were opened, in that order.
    const std::vector<std::string>& opened() const { return openedOrder_; }

private:
    const loading::FoundPlugin& pluginOf(const std::string& id) const;

    std::vector<loading::FoundPlugin> found_;
    std::vector<loading::PluginError> refused_;
    std::vector<settings::ComponentInfo> components_;
    std::map<std::string, loading::LoadedPlugin> opened_;
    std::vector<std::string> openedOrder_;
};

/// What this program offers to plugins.
loading::HostOffer hostOffer();

/// The folder of plugins that belongs to this program: beside a build's bin/, or the installed one.
std::vector<std::filesystem::path> ownPluginFolders();

}  // namespace syncline::app
