// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <memory>
#include <system_error>

#include "app/backups.h"
#include "app/offline_storage.h"
#include "app/start_failure.h"
#include "app/storage_command.h"
#include "json/parse.h"
#include "net/http_client.h"

namespace syncline::app {

namespace {

namespace fs = std::filesystem;

/// A copy that is there, and who wrote it.
struct Copy {
    fs::path file;
    std::string by;
};

[[noreturn]] void fail(ExitCode code, const std::string& reason) {
    throw StartFailure(code, reason);
}

const settings::NamedComponent& chosenFrom(const settings::Settings& settings,
                                           const std::string& name) {
    if (name.empty() && settings.storage.size() == 1) return settings.storage.front();
    std::string all;
    for (const settings::NamedComponent& storage : settings.storage) {
        if (storage.name == name) return storage;
        all += (all.empty() ? "" : ", ") + storage.name;
    }
    fail(ExitCode::usage, name.empty()
                              ? "which one of the storages: --storage " + all
                              : "the configuration has no storage '" + name + "', it has " + all);
}

/// Where it goes, as an absolute path. Empty: where the configuration has backups.
fs::path targetOf(const BackupCommand& command, const settings::Settings& settings) {
    if (command.file.empty()) {
        if (!settings.server.backups.empty() || !command.url.empty()) return {};
        fail(ExitCode::usage, "--to FILE is needed: the configuration has no server.backups");
    }
    fs::path target = fs::absolute(command.file);
    if (fs::exists(target)) {
        fail(ExitCode::usage, target.string() + ": exists: a backup never replaces a file");
    }
    return target;
}

/// The storage, if nobody else has it; else `reason` says what the storage said.
std::unique_ptr<OfflineStorage> opened(LoadedConfig& config,
                                       const settings::NamedComponent& storage,
                                       std::string& reason) {
    try {
        return std::make_unique<OfflineStorage>(config, storage);
    } catch (const StartFailure& failure) {
        if (failure.code() != ExitCode::environment) throw;
        reason = failure.what();
        return nullptr;
    }
}

Copy writtenHere(OfflineStorage& from, const fs::path& target, const std::string& folder) {
    fs::path file = target;
    if (file.empty()) {
        fs::create_directories(folder);
        file = fs::path(folder) / backupFileName(from.name(), from.nowMs());
    }
    const auto done = from.storage().backup(file.string());
    if (!done) fail(ExitCode::environment, done.error().reason);
    // A path that leads nowhere, a volume that is not there: the copy would look well.
    const auto channels = from.storage().list();
    if (!channels || channels->empty()) {
        fs::remove(file);
        fail(ExitCode::environment,
             channels ? "storage '" + from.name() +
                            "' holds no channel; is its path the one that is meant?"
                      : channels.error().reason);
    }
    return {file, "no server had it"};
}

/// The listener that may be asked, as a URL. `reason`: why there is one to ask for.
std::string adminOf(const settings::Settings& settings, const std::string& reason) {
    for (const settings::ListenerSettings& listener : settings.listeners) {
        if (!listener.admin) continue;
        if (listener.tls) {
            fail(ExitCode::environment, reason + "\nif a server has it, its listener '" +
                                            listener.name +
                                            "' has TLS, which this command does not speak");
        }
        std::string host = listener.bind.host;
        if (host == "0.0.0.0") host = "127.0.0.1";
        if (host == "::") host = "::1";
        if (host.find(':') != std::string::npos) host = "[" + host + "]";
        if (listener.bind.port == 0) {
            fail(ExitCode::environment,
                 reason + "\nif a server has it, say where its listener '" + listener.name +
                     "' is, which takes any port: --url http://" + host + ":PORT");
        }
        return "http://" + host + ":" + std::to_string(listener.bind.port);
    }
    fail(ExitCode::environment, reason +
                                    "\nif a server has it, nobody can ask it for a copy: the "
                                    "configuration has no listener with `admin: true`");
}

/// What the server answered, or the failure with its reason.
fs::path fileIn(const net::HttpAnswer& answer, const std::string& url) {
    const core::Result<json::Value> told = json::parse(answer.body);
    const auto text = [&](std::string_view name) {
        const json::Value* found = told && told->isObject() ? told->find(name) : nullptr;
        return found != nullptr && found->isString() ? std::string(found->asString()) : "";
    };
    if (answer.status == 200 && !text("file").empty()) return text("file");
    std::string reason = text("reason");
    if (answer.status == 404)
        reason += (reason.empty() ? "" : "; ") + std::string("is that its listener with `admin`?");
    fail(
        ExitCode::environment,
        "the server at " + url + " wrote no backup: " +
            (reason.empty() ? "it answered with status " + std::to_string(answer.status) : reason));
}

/// Has a file, or the names in a folder, outlive a power cut. Not every file system syncs folders;
/// one that does not says EINVAL.
void sync(const fs::path& path, std::error_code& problem) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool synced = descriptor >= 0 && (::fsync(descriptor) == 0 || errno == EINVAL);
    if (!synced) problem.assign(errno, std::generic_category());
    if (descriptor >= 0) ::close(descriptor);
}

/// A link fails where a file is already, which a renaming would replace.
void move(const fs::path& from, const fs::path& to) {
    std::error_code problem;
    fs::create_hard_link(from, to, problem);
    if (problem && problem != std::errc::file_exists) {
        // Another file system.
        const fs::path partial = to.string() + '.' + std::to_string(::getpid()) + ".partial";
        problem.clear();
        fs::copy_file(from, partial, problem);
        if (!problem) sync(partial, problem);
        if (!problem) fs::create_hard_link(partial, to, problem);
        std::error_code ignored;
        fs::remove(partial, ignored);
    }
    if (!problem) {
        sync(to.parent_path(), problem);
        std::error_code ignored;
        if (problem) fs::remove(to, ignored);
    }
    if (problem) {
        fail(ExitCode::environment,
             to.string() + ": " + problem.message() + "; the copy is " + from.string());
    }
    if (!fs::remove(from, problem)) std::cerr << from.string() << " stays where it is\n";
}

Copy writtenByServer(const std::string& url, const std::string& storage, const fs::path& target,
                     const std::string& reason) {
    const auto answer = net::post(url + "/api/backup?storage=" + storage);
    if (!answer) {
        const bool wrongUrl = answer.error().code == core::Code::badField;
        fail(wrongUrl ? ExitCode::usage : ExitCode::environment,
             (reason.empty() ? "" : reason + "\nand no server could be asked: ") +
                 answer.error().reason);
    }
    fs::path file = fileIn(*answer, url);
    std::string by = "by the server at " + url;
    if (target.empty()) return {std::move(file), std::move(by)};
    std::error_code problem;
    if (!fs::exists(file, problem)) {
        fail(ExitCode::environment, "the server at " + url + " wrote " + file.string() +
                                        ", which cannot be seen from here: take it from there");
    }
    move(file, target);
    return {target, std::move(by)};
}

Copy written(const BackupCommand& command, LoadedConfig& config,
             const settings::NamedComponent& storage) {
    const settings::Settings& settings = config.settings;
    const fs::path target = targetOf(command, settings);
    if (!command.url.empty()) {
        std::string url = command.url;
        while (url.ends_with('/')) url.pop_back();
        return writtenByServer(url, storage.name, target, "");
    }
    std::string reason;
    if (const auto here = opened(config, storage, reason)) {
        return writtenHere(*here, target, settings.server.backups);
    }
    return writtenByServer(adminOf(settings, reason), storage.name, target, reason);
}

}  // namespace

void carryOut(const BackupCommand& command, std::ostream& out) {
    LoadedConfig config = loadConfig(command.configFile);
    const settings::NamedComponent& storage = chosenFrom(config.settings, command.storage);
    const Copy copy = written(command, config, storage);
    out << copy.file.string() << '\n';
    std::error_code problem;
    const auto bytes = fs::file_size(copy.file, problem);
    std::cerr << "storage '" << storage.name << "' was backed up ("
              << (problem ? "" : std::to_string(bytes) + " bytes, ") << copy.by << ")\n";
}

}  // namespace syncline::app
