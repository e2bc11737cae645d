// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "app/exit_code.h"
#include "app/storage_command.h"
#include "app/token_command.h"

namespace syncline::app {

struct RunCommand {
    std::string configFile;
};

struct CheckCommand {
    std::string configFile;
};

struct PluginListCommand {
    std::string configFile;
};

struct PluginInspectCommand {
    std::string pluginFile;
};

struct VersionCommand {};

/// The process has said all there is to say (help, or what is wrong with the arguments).
struct Ended {
    ExitCode code = ExitCode::fine;
};

using Command =
    std::variant<RunCommand, CheckCommand, PluginListCommand, PluginInspectCommand, VersionCommand,
                 TokenMakeCommand, TokenCheckCommand, TokenKeyCommand, TokenPublicCommand,
                 ExportCommand, ImportCommand, StorageCheckCommand, BackupCommand, Ended>;

/// `--config`, as every command has it that needs one.
void addConfigOption(CLI::App& command, std::string& file);

/// Reads the arguments; prints help and errors itself.
Command parseCommandLine(const std::vector<std::string>& arguments);

}  // namespace syncline::app
