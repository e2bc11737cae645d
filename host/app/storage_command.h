// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <string>

namespace CLI {
class App;
}

namespace syncline::app {

/// `syncline export`: writes a channel as lines of JSON.
struct ExportCommand {
    std::string configFile = "config/syncline.yaml";
    std::string channel;
    std::string storage;  ///< empty: the one that keeps such channels
};

/// `syncline import`: takes such lines.
struct ImportCommand {
    std::string configFile = "config/syncline.yaml";
    std::string channel;
    std::string storage;
};

/// `syncline backup`: copies a storage into one file.
struct BackupCommand {
    std::string configFile = "config/syncline.yaml";
    std::string storage;  ///< empty: the only one
    std::string file;     ///< empty: a new one in `server.backups`
    std::string url;      ///< of the server to ask; empty: only if one has the storage
};

/// `syncline storage check`: reads everything.
struct StorageCheckCommand {
    std::string configFile = "config/syncline.yaml";
    std::string storage;  ///< empty: all of them
};

/// The sub-commands, as CLI11 parses them.
class StorageCommandLine {
public:
    explicit StorageCommandLine(CLI::App& app);
    StorageCommandLine(const StorageCommandLine&) = delete;
    StorageCommandLine& operator=(const StorageCommandLine&) = delete;

    CLI::App* exporting;
    CLI::App* importing;
    CLI::App* check;
    CLI::App* backup;

    ExportCommand exportCommand;
    ImportCommand importCommand;
    StorageCheckCommand checkCommand;
    BackupCommand backupCommand;
};

/// What they do, without a server; a backup asks the one that has the storage. What came of it is
/// said on standard error, for `storage check` on standard output. Throw StartFailure.
void carryOut(const ExportCommand& command, std::ostream& out);
void carryOut(const ImportCommand& command, std::istream& in);
void carryOut(const StorageCheckCommand& command);
void carryOut(const BackupCommand& command, std::ostream& out);  ///< to `out`: the file

}  // namespace syncline::app
