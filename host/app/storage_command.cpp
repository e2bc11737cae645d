// SPDX-License-Identifier: Apache-2.0
#include "app/storage_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <vector>

#include "app/command_line.h"
#include "app/offline_storage.h"
#include "app/start_failure.h"
#include "channel/glob.h"
#include "channel/names.h"
#include "channel/storage_check.h"
#include "channel/transfer.h"
#include "json/parse.h"

namespace syncline::app {

namespace {

/// A line holds one record, one stream with its outcomes, or one entry.
constexpr std::size_t kLineBytesMax = std::size_t{256} << 20;

[[noreturn]] void fail(ExitCode code, const std::string& reason) {
    throw StartFailure(code, reason);
}

const settings::NamedComponent& storageNamed(const settings::Settings& settings,
                                             const std::string& name) {
    for (const settings::NamedComponent& storage : settings.storage) {
        if (storage.name == name) return storage;
    }
    fail(ExitCode::usage, "the configuration has no storage '" + name + "'");
}

/// The storage that was named, or that keeps this channel.
const settings::NamedComponent& storageFor(const settings::Settings& settings,
                                           const std::string& channel, const std::string& name) {
    if (auto good = channel::checkName("channel", channel); !good) {
        fail(ExitCode::usage, good.error().reason);
    }
    if (!name.empty()) return storageNamed(settings, name);
    for (const settings::ChannelRule& rule : settings.channels) {
        if (channel::globMatches(rule.match, channel)) return storageNamed(settings, rule.storage);
    }
    fail(ExitCode::usage,
         "no pattern of 'channels' matches '" + channel + "': name the storage with --storage");
}

std::string told(const channel::TransferCounts& counts) {
    return std::to_string(counts.records) + " records, " + std::to_string(counts.streams) +
           " streams, " + std::to_string(counts.entries) + " entries of the log, seq " +
           std::to_string(counts.seq);
}

channel::ChannelImport readLines(std::istream& in) {
    channel::ChannelImport import;
    std::string line;
    std::size_t number = 0;
    while (std::getline(in, line)) {
        ++number;
        const std::string where = "line " + std::to_string(number) + ": ";
        if (line.size() > kLineBytesMax) fail(ExitCode::usage, where + "is too long");
        if (auto taken = import.take(line); !taken) {
            fail(ExitCode::usage, where + taken.error().reason + "; nothing was written");
        }
    }
    if (!import.isComplete()) {
        fail(ExitCode::usage, "line " + std::to_string(number + 1) +
                                  ": is missing: the lines end before the last one; nothing was "
                                  "written");
    }
    return import;
}

/// Has it configured as its schema wants it for a check.
void beThorough(settings::ComponentUse& use, const PluginSet& plugins) {
    const auto schema = json::parse(plugins.manifest(use.plugin, use.name).schema);
    const json::Value* keys = schema ? schema->find("properties") : nullptr;
    if (keys == nullptr || !keys->isObject()) return;
    for (const json::Member& key : keys->members()) {
        const json::Value* wanted = key.value.find("x-syncline-thorough");
        if (wanted != nullptr) use.config.set(key.key(), wanted->clone());
    }
}

}  // namespace

StorageCommandLine::StorageCommandLine(CLI::App& app) {
    exporting = app.add_subcommand(
        "export", "Write a channel as lines of JSON to standard output; no server may run on it");
    addConfigOption(*exporting, exportCommand.configFile);
    exporting->add_option("--channel", exportCommand.channel, "Its name")->required();
    exporting->add_option("--storage", exportCommand.storage,
                          "A name of the section `storage`; without it, the channel's own");

    importing = app.add_subcommand(
        "import", "Read such lines from standard input into a channel that is empty");
    addConfigOption(*importing, importCommand.configFile);
    importing->add_option("--channel", importCommand.channel, "Its name")->required();
    importing->add_option("--storage", importCommand.storage,
                          "A name of the section `storage`; without it, the channel's own");

    backup = app.add_subcommand(
        "backup", "Copy a storage into one file, also while a server has it; prints the file");
    addConfigOption(*backup, backupCommand.configFile);
    backup->add_option("--storage", backupCommand.storage,
                       "A name of the section `storage`; may be left out when there is only one");
    backup->add_option("--to", backupCommand.file,
                       "The file, which must not exist; without it, a new one in server.backups");
    backup->add_option("--url", backupCommand.url,
                       "Ask the listener with `admin` at this URL; without it, the one of the "
                       "configuration is asked if a server has the storage");

    CLI::App* storage = app.add_subcommand("storage", "Look at what is stored");
    storage->require_subcommand(1);
    check = storage->add_subcommand("check",
                                    "Read every channel and verify it; no server may run on it");
    addConfigOption(*check, checkCommand.configFile);
    check->add_option("--storage", checkCommand.storage,
                      "A name of the section `storage`; without it, all");
}

void carryOut(const ExportCommand& command, std::ostream& out) {
    LoadedConfig config = loadConfig(command.configFile);
    OfflineStorage from(config, storageFor(config.settings, command.channel, command.storage));
    const auto counts =
        channel::exportChannel(from.storage(), from.loadSettings(command.channel), from.nowMs(),
                               [&](std::string_view line) { out << line << '\n'; });
    if (!counts) fail(ExitCode::environment, counts.error().reason);
    out.flush();
    if (!out) fail(ExitCode::environment, "the lines could not be written");
    std::cerr << "exported '" << command.channel << "' of storage '" << from.name()
              << "': " << told(*counts) << '\n';
}

void carryOut(const ImportCommand& command, std::istream& in) {
    LoadedConfig config = loadConfig(command.configFile);
    const settings::NamedComponent& storage =
        storageFor(config.settings, command.channel, command.storage);
    channel::ChannelImport import = readLines(in);
    OfflineStorage to(config, storage);
    const std::string was = import.channel();
    const auto counts = import.writeTo(to.storage(), command.channel);
    if (!counts) fail(ExitCode::environment, counts.error().reason);
    std::cerr << "imported '" << was << "' as '" << command.channel << "' into storage '"
              << to.name() << "': " << told(*counts) << '\n';
}

void carryOut(const StorageCheckCommand& command) {
    LoadedConfig config = loadConfig(command.configFile);
    std::size_t wrong = 0;
    for (settings::NamedComponent& each : config.settings.storage) {
        if (!command.storage.empty() && each.name != command.storage) continue;
        beThorough(each.component, *config.plugins);
        OfflineStorage storage(config, each);
        const auto found = channel::checkStorage(
            storage.storage(),
            [&](const std::string& channel) { return storage.loadSettings(channel); });
        if (!found) fail(ExitCode::environment, found.error().reason);
        for (const std::string& reason : found->wrong) {
            std::cout << each.name << ": " << reason << '\n';
        }
        wrong += found->wrong.size();
        std::cout << each.name << ": " << found->channels << " channels, " << found->records
                  << " records, " << found->entries
                  << " entries of logs: " << (found->wrong.empty() ? "fine" : "not all is well")
                  << '\n';
    }
    if (!command.storage.empty()) static_cast<void>(storageNamed(config.settings, command.storage));
    if (wrong > 0) {
        fail(ExitCode::environment, std::to_string(wrong) +
                                        (wrong == 1 ? " channel is" : " channels are") +
                                        " damaged: keep a copy of the files and restore a backup");
    }
}

}  // namespace syncline::app
