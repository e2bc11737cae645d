// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <string_view>

#include "loading/finder.h"
#include "loading/manifest.h"

namespace syncline::loading {

/// A plugin whose code is in the process. Copies are views of the same library, which stays mapped
/// until the process ends: some stack or table might still point into it.
struct LoadedPlugin {
    Manifest manifest;
    const syncline_plugin* plugin = nullptr;
    std::filesystem::path path;

    /// The component of that name, which open() has checked to be there and whole; else null.
    const syncline_component* component(std::string_view name) const;
};

/// Opens a plugin that the finder accepted: from a private, sealed copy of exactly the bytes that
/// were checked, with all symbols resolved now and none lent to others. Then holds what the library
/// says against its manifest. Runs the library's static initialisers and entry function and nothing
/// else of it. Throws PluginError. [control thread]
LoadedPlugin open(const FoundPlugin& found);

}  // namespace syncline::loading
