// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace syncline::app {

/// What the process ends with.
enum class ExitCode : int {
    fine = 0,
    usage = 1,
    config = 2,
    plugin = 3,
    environment = 4,  ///< a port taken, a database unreachable, a folder not writable
};

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

using Command = std::variant<RunCommand, CheckCommand, PluginListCommand, PluginInspectCommand,
                             VersionCommand, Ended>;

/// Reads the arguments; prints help and errors itself.
Command parseCommandLine(const std::vector<std::string>& arguments);

}  // namespace syncline::app
