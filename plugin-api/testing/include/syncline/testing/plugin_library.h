// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <set>
#include <string>

#include "syncline/testing/json.h"

namespace syncline::conformance {

/// A plugin library, opened through its one symbol as the server opens it. It stays open until the
/// process ends: leak checkers name its functions then.
class PluginLibrary {
public:
    /// Throws std::runtime_error, naming the file, for what is no plugin.
    explicit PluginLibrary(const std::string& file);

    const std::string& file() const { return file_; }
    const syncline_plugin& plugin() const { return *plugin_; }
    /// What the library says of itself in its section, read without running it.
    const Json& manifest() const { return manifest_; }
    /// The component of that name, or the only one if the name is empty. Throws.
    const syncline_component& component(const std::string& name) const;

private:
    std::string file_;
    const syncline_plugin* plugin_ = nullptr;
    Json manifest_;
};

/// The manifest of a plugin file, without opening it. Throws std::runtime_error.
Json manifestOf(const std::string& file);
/// What the manifest says about that component; null for nothing.
const Json* componentIn(const Json& manifest, const std::string& name);
/// Whether it carries the flag.
bool hasFlag(const Json& component, const std::string& flag);
/// The ids of the tables that it needs, without their minors.
std::set<std::string> tablesNeeded(const Json& component);
/// "message_handler", ...
std::string nameOf(syncline_kind kind);

}  // namespace syncline::conformance
