// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "loading/elf_file.h"
#include "loading/manifest.h"
#include "loading/plugin_error.h"

namespace syncline::loading {

/// A table of the host: "draft.channel/1", and how far it has grown.
struct OfferedTable {
    std::string id;
    std::uint32_t minor = 0;
};

/// What this host is and lends; plugins that need more are refused.
struct HostOffer {
    AbiVersion abi;
    std::vector<OfferedTable> tables;
    std::set<Sanitizer> sanitizers;  ///< those it was built with

    /// The ABI of abi.h and the sanitizers of the running program.
    static HostOffer ofThisProgram(std::vector<OfferedTable> tables);
};

struct SearchSettings {
    std::vector<std::filesystem::path>
        folders;                     ///< lib*.so in each; those that do not exist are skipped
    std::vector<std::string> allow;  ///< globs on plugin ids: "dev.syncline.*"
    std::vector<std::filesystem::path> load;    ///< single files, allowed by being named
    std::map<std::string, std::string> sha256;  ///< by plugin id, 64 hex digits
};

/// A plugin that passed every check that needs no opening.
struct FoundPlugin {
    std::filesystem::path path;
    Manifest manifest;
    std::string sha256;  ///< of the bytes that were checked, lower-case hex
};

struct Findings {
    std::vector<FoundPlugin> plugins;   ///< by id; ids are unique
    std::vector<PluginError> refused;   ///< by path
    std::vector<FoundPlugin> shadowed;  ///< not taken: an earlier place has a plugin of the same id
};

/// Reads and checks one file, whatever the allow-list says. Throws PluginError. [any thread]
FoundPlugin inspect(const std::filesystem::path& path, const HostOffer& host);

/// Looks through `load`, then the folders in their order; the first place with an id wins, two
/// files of one place with the same id are an error. Never throws PluginError: one bad file does
/// not hide the others. [control thread]
Findings find(const SearchSettings& settings, const HostOffer& host);

}  // namespace syncline::loading
