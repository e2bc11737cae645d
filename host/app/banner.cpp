// SPDX-License-Identifier: Apache-2.0
#include "app/banner.h"

#include <algorithm>
#include <iomanip>

#include "app/version.h"

namespace syncline::app {

namespace {

void printPipelines(std::ostream& out, const pipeline::PipelineTable& pipelines) {
    std::size_t width = 0;
    for (const auto& entry : pipelines.all()) width = std::max(width, entry.first.size());
    out << "pipelines\n" << std::left;
    for (const auto& [type, pipeline] : pipelines.all()) {
        out << "  " << std::setw(static_cast<int>(width)) << type;
        const char* arrow = "  ";
        for (const pipeline::Step& step : pipeline.steps) {
            out << arrow << step.use;
            arrow = " > ";
        }
        out << '\n';
    }
}

}  // namespace

void printBanner(std::ostream& out, const Server& server, const settings::Settings& settings,
                 const PluginSet& plugins) {
    out << "syncline " << kVersion << ", " << server.shardCount()
        << (server.shardCount() == 1 ? " shard" : " shards") << ", configured by "
        << settings.file.string() << "\n";
    out << "plugins\n";
    for (const std::string& id : plugins.opened()) out << "  " << id << '\n';
    printPipelines(out, server.pipelines());
    for (const Server::Listening& listener : server.listening()) {
        out << "listening on http://" << listener.address << " (" << listener.name << ")\n";
    }
    if (!server.listening().empty()) {
        out << "try: open http://" << server.listening().front().address
            << "/ in a browser, or: curl http://" << server.listening().front().address
            << "/api/realtime\n";
    }
    out.flush();
}

}  // namespace syncline::app
