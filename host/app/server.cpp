// SPDX-License-Identifier: Apache-2.0
#include "app/server.h"

#include <algorithm>
#include <future>
#include <mutex>
#include <string>
#include <utility>

#include "app/goodbye.h"
#include "app/layer_settings.h"
#include "app/start_failure.h"
#include "app/version.h"
#include "core/thread_name.h"

namespace syncline::app {

namespace {

std::size_t toSize(std::int64_t number) {
    return static_cast<std::size_t>(number);
}

std::size_t shardCountOf(const settings::ServerSettings& server) {
    if (server.shards > 0) return toSize(server.shards);
    return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

Server::Server(const settings::Settings& settings, PluginSet& plugins,
               std::shared_ptr<spdlog::logger> log)
    : drainSettings_(settings.drain),
      drainTimeoutMs_(settings.server.drainTimeoutMs),
      log_(std::move(log)),
      plugins_(plugins),
      budget_(toSize(settings.limits.outboxTotalBytesMax)),
      connections_(toSize(settings.limits.connectionsMax)),
      runtime_(shardCountOf(settings.server), clock_, random_, log_),
      maker_(plugins, runtime_),
      sessionSettings_(sessionSettingsOf(settings)),
      gatewaySettings_(gatewaySettingsOf(settings)),
      api_(gatewaySettings_.api, runtime_.shardCount(), clock_, random_),
      overview_({toSize(settings.limits.metricSeriesMax), toSize(settings.limits.statsItemsMax)}),
      gateway_{gatewaySettings_, *this, *this, api_, &overview_},
      startedMs_(clock_.steadyMs()) {
    makeShards(settings);
    generation_ = std::make_unique<Generation>(settings, plugins, maker_);
    makeStorages(settings);
    makeDirectory(settings);
    makeContexts(settings);
    makeListeners(settings);
    makeWatchdog(settings);
    makeOverview();
}

Server::~Server() {
    // Left running by a start that failed: nobody is there to be told.
    if (running_) end();
    backups_.reset();
    listeners_.clear();
    directory_.reset();
    generation_.reset();
    shards_.clear();
    broker_.reset();
    storages_.clear();
    while (!instances_.empty()) {
        instances_.back()->drain();
        bridge::Instance::retire(std::move(instances_.back()), 5'000);
        instances_.pop_back();
    }
}

// ---- Starting ----------------------------------------------------------------------------------

void Server::start() {
    running_ = true;
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        shards_[i]->thread = std::thread([this, i] {
            core::nameThisThread("shard-" + std::to_string(i));
            runtime_.claimThread(i);
            shards_[i]->reactor->run();
        });
    }
    openShards();
    bool watched = true;
    std::promise<void> done;
    shards_.front()->reactor->postAlways([&] {
        for (const auto& listener : listeners_) watched = listener.second->start() && watched;
        done.set_value();
    });
    done.get_future().wait();
    if (!watched) throw StartFailure(ExitCode::environment, "a listening socket is not watched");
}

void Server::openShards() {
    std::mutex mutex;
    std::optional<StartFailure> failure;
    onEachShard([&](Shard& shard) {
        try {
            for (const auto& instance : instances_) {
                if (auto opened = instance->openShard(shard.reactor->index()); !opened) {
                    throw StartFailure(ExitCode::plugin,
                                       "'" + instance->name() + "': " + opened.error().reason);
                }
            }
            generation_->openShard(shard.reactor->index());
        } catch (const StartFailure& caught) {
            const std::lock_guard lock(mutex);
            failure = caught;
        }
    });
    if (failure) throw *failure;
}

std::vector<Server::Listening> Server::listening() const {
    std::vector<Listening> all;
    for (const auto& [name, listener] : listeners_) {
        all.push_back({name, listener->boundAddress()});
    }
    return all;
}

void Server::onEachShard(const std::function<void(Shard&)>& task) {
    std::vector<std::future<void>> done;
    for (const auto& shard : shards_) {
        auto finished = std::make_shared<std::promise<void>>();
        done.push_back(finished->get_future());
        shard->reactor->postAlways([&task, &shard = *shard, finished] {
            task(shard);
            finished->set_value();
        });
    }
    for (std::future<void>& one : done) one.wait();
}

// ---- Telling -----------------------------------------------------------------------------------

std::optional<std::string> Server::notReady() const {
    if (draining_) return std::string(kGoodbye);
    return directory_->unhealthy();
}

std::optional<core::Error> Server::refusal() const {
    // A server that is about to go is not ready, and takes what comes all the same. So does one
    // with a storage that fails: reads and other storages have nothing to do with it, and nobody
    // would notice that it works again if nothing were tried.
    if (!refusing_) return std::nullopt;
    return goodbye(drainSettings_, random_);
}

std::optional<std::string> Server::unhealthy() const {
    return watchdog_->trouble();
}

json::Value Server::describe() const {
    json::Value plugins = json::Value::array();
    for (const loading::FoundPlugin& plugin : plugins_.found()) {
        json::Value components = json::Value::array();
        for (const auto& component : plugin.manifest.components) components.push(component.name);
        json::Value entry = json::Value::object();
        entry.set("id", plugin.manifest.id);
        entry.set("version", plugin.manifest.version);
        entry.set("components", std::move(components));
        plugins.push(std::move(entry));
    }
    json::Value pipelines = json::Value::object();
    for (const auto& [type, pipeline] : generation_->pipelines().all()) {
        json::Value stages = json::Value::array();
        for (const pipeline::Step& step : pipeline.steps) stages.push(step.use);
        pipelines.set(type, std::move(stages));
    }
    json::Value body = json::Value::object();
    body.set("status", draining_ ? "draining" : "ok");
    body.set("version", kVersion);
    body.set("protocol", 1);
    body.set("uptimeMs", clock_.steadyMs() - startedMs_);
    body.set("shards", shards_.size());
    body.set("connections", connections_.open());
    body.set("plugins", std::move(plugins));
    body.set("pipelines", std::move(pipelines));
    return body;
}

}  // namespace syncline::app
