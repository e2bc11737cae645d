// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "load/scenarios.h"

namespace {

void allowManyFiles() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace syncline::bench;
    CLI::App app("Load for a Syncline server, or a peer that does the same work.", "syncline-load");
    std::string scenario;
    std::string dialectName = "syncline";
    Options options;
    app.add_option("scenario", scenario)
        ->required()
        ->check(CLI::IsMember({"ping", "fanout", "ops", "catchup", "idle"}));
    app.add_option("--dialect", dialectName)->check(CLI::IsMember({"syncline", "ws"}));
    app.add_option("--port", options.port)->required();
    app.add_option("--pid", options.pid, "of the server, for its CPU and memory")->required();
    app.add_option("--seconds", options.seconds);
    app.add_option("--warm-up", options.warmUpSeconds);
    app.add_option("--connections", options.connections);
    app.add_option("--in-flight", options.inFlight);
    app.add_option("--channels", options.channels);
    app.add_option("--subscribers", options.subscribers);
    app.add_option("--bytes", options.bytes);
    app.add_option("--records", options.records);
    app.add_option("--ops-before", options.opsBefore, "written before the clock runs");
    app.add_flag("--from-start", options.fromStart, "catch up by the log");
    app.add_option("--ops-per-second", options.opsPerSecond, "0: as many as the server takes");
    CLI11_PARSE(app, argc, argv);
    allowManyFiles();
    const auto dialect = dialectNamed(dialectName);
    try {
        if (scenario == "ping") runPing(*dialect, options);
        if (scenario == "fanout") runFanOut(*dialect, options);
        if (scenario == "ops") runOps(*dialect, options);
        if (scenario == "catchup") runCatchUp(*dialect, options);
        if (scenario == "idle") runIdle(*dialect, options);
    } catch (const std::exception& error) {
        std::cerr << "syncline-load: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
