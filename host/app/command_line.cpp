// SPDX-License-Identifier: Apache-2.0
#include "app/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

namespace syncline::app {

namespace {

constexpr const char* kAbout =
    "Syncline keeps live, shared state in step: apps connect by WebSocket, subscribe to channels\n"
    "and send ops; the server orders them, settles conflicts by the strategy that the\n"
    "configuration names, makes them durable and tells everybody.";

constexpr const char* kExamples =
    "First steps:\n"
    "  syncline run --config config/syncline.yaml     start the server\n"
    "  syncline check --config my.yaml                say everything that is wrong, start nothing\n"
    "  syncline plugin list --config my.yaml          what may be named behind 'use:'\n"
    "  syncline plugin inspect plugins/libecho.so     read a plugin without running it\n"
    "  syncline backup --config my.yaml --to copy.db  copy a storage, server running or not\n"
    "  syncline storage check --config my.yaml        read all that is stored, and say what is "
    "wrong\n"
    "  syncline token make --user ann --secret-file s make a token to try things out with\n"
    "\n"
    "Signals: SIGTERM or SIGINT shuts down in order, a second one at once.\n"
    "Exit codes: 0 fine, 1 wrong arguments, 2 configuration, 3 plugin, 4 environment, 5 a token "
    "that is not good.";

}  // namespace

void addConfigOption(CLI::App& command, std::string& file) {
    command.add_option("-c,--config", file, "The YAML file that wires the server")
        ->default_str("config/syncline.yaml")
        ->envname("SYNCLINE_CONFIG");
}

Command parseCommandLine(const std::vector<std::string>& arguments) {
    CLI::App app(kAbout, "syncline");
    app.footer(kExamples);
    app.require_subcommand(1);
    std::string configFile = "config/syncline.yaml";
    std::string pluginFile;

    CLI::App* run = app.add_subcommand("run", "Start the server and serve until told to stop");
    addConfigOption(*run, configFile);
    CLI::App* check = app.add_subcommand(
        "check", "Check a configuration, the files it names and the plugins' manifests; runs none");
    addConfigOption(*check, configFile);
    CLI::App* plugin = app.add_subcommand("plugin", "Look at plugins");
    plugin->require_subcommand(1);
    CLI::App* list = plugin->add_subcommand("list", "Every component that a configuration may use");
    addConfigOption(*list, configFile);
    CLI::App* inspect =
        plugin->add_subcommand("inspect", "What one plugin file says about itself, as JSON");
    inspect->add_option("file", pluginFile, "The shared library")->required();
    CLI::App* version = app.add_subcommand("version", "Print the version of server and plugin ABI");

    const TokenCommandLine token(app);
    const StorageCommandLine storage(app);

    try {
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
        app.parse(reversed);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error, std::cout, std::cerr);
        return Ended{code == 0 ? ExitCode::fine : ExitCode::usage};
    }
    if (run->parsed()) return RunCommand{configFile};
    if (check->parsed()) return CheckCommand{configFile};
    if (list->parsed()) return PluginListCommand{configFile};
    if (inspect->parsed()) return PluginInspectCommand{pluginFile};
    if (version->parsed()) return VersionCommand{};
    if (token.make->parsed()) return token.makeCommand;
    if (token.check->parsed()) return token.checkCommand;
    if (token.key->parsed()) return token.keyCommand;
    if (token.publicKeys->parsed()) return token.publicCommand;
    if (storage.exporting->parsed()) return storage.exportCommand;
    if (storage.importing->parsed()) return storage.importCommand;
    if (storage.check->parsed()) return storage.checkCommand;
    if (storage.backup->parsed()) return storage.backupCommand;
    return Ended{ExitCode::usage};
}

}  // namespace syncline::app
