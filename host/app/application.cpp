// SPDX-License-Identifier: Apache-2.0
#include "app/application.h"

#include <Poco/Util/ServerApplication.h>
#include <syncline/abi.h>

#include <exception>
#include <functional>
#include <iostream>
#include <utility>
#include <vector>

#include "app/banner.h"
#include "app/loaded_config.h"
#include "app/plugin_report.h"
#include "app/server.h"
#include "app/start_failure.h"
#include "app/stop_signal.h"
#include "app/storage_command.h"
#include "app/version.h"
#include "observe/log.h"

namespace syncline::app {

namespace {

observe::LogSettings logSettingsOf(const settings::LogSettings& settings) {
    observe::LogSettings log;
    switch (settings.level) {
        case settings::LogLevel::debug:
            log.level = spdlog::level::debug;
            break;
        case settings::LogLevel::info:
            log.level = spdlog::level::info;
            break;
        case settings::LogLevel::warning:
            log.level = spdlog::level::warn;
            break;
        case settings::LogLevel::error:
            log.level = spdlog::level::err;
            break;
    }
    const bool json = settings.format == settings::LogFormat::json;
    log.format = json ? observe::LogFormat::json : observe::LogFormat::text;
    return log;
}

void serve(const std::string& configFile) {
    LoadedConfig loaded = loadConfig(configFile);
    const auto log = observe::makeLogger(logSettingsOf(loaded.settings.log));
    StopSignal stopSignal(log);
    Server server(loaded.settings, *loaded.plugins, log);
    server.start();
    printBanner(std::cout, server, loaded.settings, *loaded.plugins);
    stopSignal.wait();
    server.stop();
    log->info("stopped");
}

/// Runs what may fail to start, and says why it did.
ExitCode reporting(const std::function<void()>& work) {
    try {
        work();
        return ExitCode::fine;
    } catch (const StartFailure& failure) {
        const std::string_view text = failure.what();
        if (!text.empty()) std::cerr << "syncline: " << text << '\n';
        return failure.code();
    } catch (const loading::PluginError& error) {
        std::cerr << error.what() << '\n';
        return ExitCode::plugin;
    } catch (const std::exception& exception) {
        std::cerr << "syncline: " << exception.what() << '\n';
        return ExitCode::environment;
    }
}

/// Poco's frame of a long-running process. The command line is CLI11's, the signals are
/// StopSignal's.
class Application final : public Poco::Util::ServerApplication {
public:
    explicit Application(std::string configFile) : configFile_(std::move(configFile)) {}

protected:
    int main(const std::vector<std::string>& /*arguments*/) override {
        return static_cast<int>(reporting([this] { serve(configFile_); }));
    }

private:
    const std::string configFile_;
};

struct Executor {
    ExitCode operator()(const RunCommand& command) const {
        Application application(command.configFile);
        return static_cast<ExitCode>(application.run(std::vector<std::string>{"syncline"}));
    }

    ExitCode operator()(const CheckCommand& command) const {
        return reporting([&] {
            const LoadedConfig loaded = loadConfig(command.configFile);
            std::cout << command.configFile << ": fine (" << loaded.plugins->found().size()
                      << " plugins found)\n";
        });
    }

    ExitCode operator()(const PluginListCommand& command) const {
        return reporting(
            [&] { printComponents(std::cout, *loadConfig(command.configFile).plugins); });
    }

    ExitCode operator()(const PluginInspectCommand& command) const {
        return reporting(
            [&] { printPlugin(std::cout, loading::inspect(command.pluginFile, hostOffer())); });
    }

    ExitCode operator()(const VersionCommand&) const {
        std::cout << "syncline " << kVersion << " (plugin ABI " << SYNCLINE_ABI_MAJOR << '.'
                  << SYNCLINE_ABI_MINOR << ", protocol 1)\n";
        return ExitCode::fine;
    }

    ExitCode operator()(const TokenMakeCommand& command) const { return app::execute(command); }
    ExitCode operator()(const TokenCheckCommand& command) const { return app::execute(command); }
    ExitCode operator()(const TokenKeyCommand& command) const { return app::execute(command); }
    ExitCode operator()(const TokenPublicCommand& command) const { return app::execute(command); }

    ExitCode operator()(const ExportCommand& command) const {
        return reporting([&] { carryOut(command, std::cout); });
    }
    ExitCode operator()(const ImportCommand& command) const {
        return reporting([&] { carryOut(command, std::cin); });
    }
    ExitCode operator()(const StorageCheckCommand& command) const {
        return reporting([&] { carryOut(command); });
    }
    ExitCode operator()(const BackupCommand& command) const {
        return reporting([&] { carryOut(command, std::cout); });
    }

    ExitCode operator()(const Ended& ended) const { return ended.code; }
};

}  // namespace

ExitCode execute(const Command& command) {
    return std::visit(Executor(), command);
}

}  // namespace syncline::app
