// SPDX-License-Identifier: Apache-2.0
#include "app/application.h"

#include <Poco/Util/ServerApplication.h>
#include <syncline/abi.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <utility>
#include <vector>

#include "app/banner.h"
#include "app/plugin_report.h"
#include "app/plugin_set.h"
#include "app/server.h"
#include "app/start_failure.h"
#include "app/stop_signal.h"
#include "app/version.h"
#include "observe/log.h"
#include "settings/load.h"

namespace syncline::app {

namespace {

/// A configuration that has been checked, with the plugins that it was checked against.
struct Loaded {
    std::unique_ptr<PluginSet> plugins;
    settings::Settings settings;
};

bool isNamed(const loading::PluginError& error, const std::vector<settings::PluginFile>& named) {
    return std::any_of(named.begin(), named.end(),
                       [&](const settings::PluginFile& file) { return file.path == error.path(); });
}

/// Prints which plugin files were not taken. A file that the configuration names must be good. One
/// that merely lies in a search folder stands in nobody's way, unless the configuration has errors
/// for which it may be the cause. Answers whether the server may start.
bool reportRefused(const PluginSet& plugins, const std::vector<settings::PluginFile>& named,
                   bool configurationIsFine) {
    bool usable = true;
    for (const loading::PluginError& error : plugins.refused()) {
        const bool fatal = isNamed(error, named);
        // Other people's plugins in a shared folder are what the allow-list is for.
        if (!fatal && configurationIsFine && error.code() == loading::PluginCode::notAllowed) {
            continue;
        }
        std::cerr << "plugin " << error.path().filename().string() << ": "
                  << (fatal ? "error" : "warning") << '[' << loading::toString(error.code())
                  << "]: " << error.reason() << '\n';
        usable = usable && !fatal;
    }
    return usable;
}

/// Prints everything that is wrong. Throws StartFailure if the server must not start.
Loaded load(const std::string& configFile) {
    const settings::ProcessEnvironment environment;
    settings::Draft draft = settings::readDraft(configFile, environment);
    const std::vector<settings::PluginFile> draftedLoads = draft.plugins().load;
    auto plugins = std::make_unique<PluginSet>(draft.plugins());
    settings::LoadOutcome outcome = settings::finish(std::move(draft), environment, *plugins);
    std::cerr << outcome.diagnostics.render();
    const bool usable = reportRefused(*plugins, draftedLoads, outcome.settings.has_value());
    if (!usable) throw StartFailure(ExitCode::plugin, "");
    if (!outcome.settings) throw StartFailure(ExitCode::config, "");
    return {std::move(plugins), std::move(*outcome.settings)};
}

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
    Loaded loaded = load(configFile);
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
            const Loaded loaded = load(command.configFile);
            std::cout << command.configFile << ": fine (" << loaded.plugins->found().size()
                      << " plugins found)\n";
        });
    }

    ExitCode operator()(const PluginListCommand& command) const {
        return reporting([&] { printComponents(std::cout, *load(command.configFile).plugins); });
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

    ExitCode operator()(const Ended& ended) const { return ended.code; }
};

}  // namespace

ExitCode execute(const Command& command) {
    return std::visit(Executor(), command);
}

}  // namespace syncline::app
