// SPDX-License-Identifier: Apache-2.0
#include "loading/finder.h"

#include <fnmatch.h>
#include <syncline/abi.h>

#include <algorithm>
#include <cctype>
#include <system_error>
#include <utility>

namespace syncline::loading {
namespace {

namespace fs = std::filesystem;

void refuseForeignSanitizer(const ElfFile& file, const HostOffer& host) {
    for (const Sanitizer sanitizer : file.sanitizers()) {
        if (host.sanitizers.contains(sanitizer)) continue;
        const std::string name(toString(sanitizer));
        throw PluginError(
            PluginCode::sanitizerRuntime, file.path(),
            "is built with -fsanitize=" + name + ", this host is not: build both the same way");
    }
}

std::string offeredAs(const HostOffer& host, std::string_view id) {
    // Another major of the same table says more than the whole list.
    const auto name = id.substr(0, id.find('/') + 1);
    std::string same;
    for (const OfferedTable& table : host.tables) {
        if (!table.id.starts_with(name)) continue;
        same += (same.empty() ? "" : ", ") + table.id + "." + std::to_string(table.minor);
    }
    return same.empty() ? "does not offer any " + std::string(name.substr(0, name.size() - 1))
                        : "offers " + same;
}

void refuseMissingTables(const fs::path& path, const Manifest& manifest, const HostOffer& host) {
    for (const ComponentManifest& component : manifest.components) {
        for (const TableNeed& need : component.needs) {
            const auto offered = std::ranges::find(host.tables, need.id, &OfferedTable::id);
            if (offered != host.tables.end() && offered->minor >= need.minor) continue;
            throw PluginError(PluginCode::missingTable, path,
                              "'" + component.name + "' needs the table " + need.id + "." +
                                  std::to_string(need.minor) + ", this host " +
                                  offeredAs(host, need.id) +
                                  ": upgrade the host or use an older release of the plugin");
        }
    }
}

bool isAllowed(const std::string& id, const SearchSettings& settings) {
    return std::ranges::any_of(settings.allow, [&](const std::string& pattern) {
        return ::fnmatch(pattern.c_str(), id.c_str(), 0) == 0;
    });
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

void refuseOtherDigest(const FoundPlugin& found, const SearchSettings& settings) {
    const auto expected = settings.sha256.find(found.manifest.id);
    if (expected == settings.sha256.end() || lower(expected->second) == found.sha256) return;
    throw PluginError(
        PluginCode::otherDigest, found.path,
        "has the SHA-256 " + found.sha256 + ", the configuration asks for " + expected->second);
}

bool looksLikePlugin(const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    return name.starts_with("lib") && name.ends_with(".so");
}

/// Goes from place to place and keeps what it finds. Lives for one find().
class Search {
public:
    Search(const SearchSettings& settings, const HostOffer& host)
        : settings_(settings), host_(host) {}

    Findings run() {
        takePlace(settings_.load, true);
        for (const fs::path& folder : settings_.folders) takePlace(filesOf(folder), false);
        std::ranges::sort(findings_.plugins, {}, [](const auto& p) { return p.manifest.id; });
        std::ranges::stable_sort(findings_.refused, {}, &PluginError::path);
        return std::move(findings_);
    }

private:
    std::vector<fs::path> filesOf(const fs::path& folder) {
        std::error_code mistake;
        std::vector<fs::path> files;
        fs::directory_iterator entries(folder, mistake);
        if (mistake == std::errc::no_such_file_or_directory) return files;
        for (; !mistake && entries != fs::directory_iterator(); entries.increment(mistake)) {
            if (looksLikePlugin(*entries)) files.push_back(entries->path());
        }
        if (mistake) {
            findings_.refused.emplace_back(PluginCode::unreadableFolder, folder,
                                           "the folder cannot be searched: " + mistake.message());
        }
        std::ranges::sort(files);
        return files;
    }

    void takePlace(const std::vector<fs::path>& files, bool named) {
        // Those of earlier places go first; only files of one place can contradict each other.
        const std::size_t earlier = findings_.plugins.size();
        for (const fs::path& path : files) {
            // Two ways to the same file are one plugin.
            std::error_code ignored;
            const fs::path real = fs::weakly_canonical(path, ignored);
            if (!ignored && !seen_.insert(real).second) continue;
            try {
                takeFile(path, named, earlier);
            } catch (const PluginError& error) {
                findings_.refused.push_back(error);
            }
        }
    }

    void takeFile(const fs::path& path, bool named, std::size_t earlier) {
        FoundPlugin found = inspect(path, host_);
        const std::string& id = found.manifest.id;
        if (!named && !isAllowed(id, settings_)) {
            throw PluginError(PluginCode::notAllowed, path,
                              "its id " + id +
                                  " is not covered by plugins.allow; add it there, or "
                                  "name the file under plugins.load");
        }
        refuseOtherDigest(found, settings_);
        const auto other =
            std::ranges::find(findings_.plugins, id, [](const auto& p) { return p.manifest.id; });
        if (other == findings_.plugins.end()) {
            findings_.plugins.push_back(std::move(found));
        } else if (other - findings_.plugins.begin() < static_cast<std::ptrdiff_t>(earlier)) {
            findings_.shadowed.push_back(std::move(found));
        } else {
            throw PluginError(PluginCode::duplicateId, path,
                              "has the id " + id + ", as has " + other->path.string());
        }
    }

    const SearchSettings& settings_;
    const HostOffer& host_;
    std::set<fs::path> seen_;
    Findings findings_;
};

}  // namespace

HostOffer HostOffer::ofThisProgram(std::vector<OfferedTable> tables) {
    return {{SYNCLINE_ABI_MAJOR, SYNCLINE_ABI_MINOR}, std::move(tables), ElfFile::ownSanitizers()};
}

FoundPlugin inspect(const fs::path& path, const HostOffer& host) {
    const ElfFile file = ElfFile::read(path);
    Manifest manifest = readManifest(file, host.abi);
    if (!file.exports(SYNCLINE_PLUGIN_SYMBOL)) {
        throw PluginError(PluginCode::noEntry, path,
                          "does not export " SYNCLINE_PLUGIN_SYMBOL
                          ", by which a host enters a plugin");
    }
    refuseForeignSanitizer(file, host);
    refuseMissingTables(path, manifest, host);
    return {path, std::move(manifest), file.sha256()};
}

Findings find(const SearchSettings& settings, const HostOffer& host) {
    return Search(settings, host).run();
}

}  // namespace syncline::loading
