// SPDX-License-Identifier: Apache-2.0
// The part of Server that makes its parts, from the bottom up.
#include <utility>

#include "app/layer_settings.h"
#include "app/phase_probe.h"
#include "app/server.h"
#include "app/start_failure.h"

namespace syncline::app {

namespace {

/// Calls under way on one shard, over all its sessions.
constexpr std::size_t kCallsMax = 200'000;

std::size_t toSize(std::int64_t number) {
    return static_cast<std::size_t>(number);
}

}  // namespace

void Server::makeShards(const settings::Settings& settings) {
    for (std::size_t i = 0; i < runtime_.shardCount(); ++i) {
        auto shard = std::make_unique<Shard>();
        shard->reactor =
            std::make_unique<net::Reactor>(i, clock_, budget_, reactorLimitsOf(settings));
        shard->events = std::make_unique<session::ShardEvents>(
            *shard->reactor,
            session::ShardEvents::Limits{toSize(settings.limits.eventsMax),
                                         toSize(settings.limits.eventsUnderWayMax)},
            log_);
        shards_.push_back(std::move(shard));
        runtime_.seat(i, *shards_[i]->reactor, nullptr);
    }
}

void Server::makeStorages(const settings::Settings& settings) {
    for (const settings::NamedComponent& storage : settings.storage) {
        instances_.push_back(maker_.make(storage.component, "storage." + storage.name));
        storages_.emplace(storage.name,
                          std::make_unique<bridge::StorageAdapter>(*instances_.back()));
    }
    Backups::Storages copied;
    for (const auto& [name, storage] : storages_) copied.emplace(name, storage.get());
    backups_ = std::make_unique<Backups>(settings.server.backups, std::move(copied), clock_, log_);
    if (settings.broker) {
        instances_.push_back(
            maker_.make(settings.broker->component, "broker." + settings.broker->name));
        broker_ = std::make_unique<bridge::BrokerAdapter>(*instances_.back());
    }
}

void Server::makeDirectory(const settings::Settings& settings) {
    channel::DirectorySettings directory = directorySettingsOf(settings);
    for (const auto& shard : shards_) {
        directory.shards.push_back({shard->reactor.get(), &shard->topics});
        directory.events.push_back(shard->events.get());
    }
    for (const auto& [name, storage] : storages_) directory.storages.emplace(name, storage.get());
    directory.broker = broker_.get();
    directory.conflicts = generation_->conflicts();
    directory.clock = &clock_;
    directory.random = &random_;
    directory.log = log_;
    directory.onPhase = commitPhaseProbe();
    directory_ = std::make_unique<channel::Directory>(std::move(directory));
}

void Server::makeContexts(const settings::Settings& /*settings*/) {
    std::vector<broadcast::UserSignals::Seat> seats;
    for (const auto& shard : shards_) seats.push_back({shard->reactor.get(), &shard->users});
    userSignals_ = std::make_unique<broadcast::UserSignals>(std::move(seats));
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        Shard& shard = *shards_[i];
        shard.runner = std::make_unique<pipeline::Runner>(*shard.reactor, kCallsMax,
                                                          generation_->pipelines().meters.size(),
                                                          generation_->pipelines().count());
        shard.events->serve(*shard.runner, generation_->pipelines());
        runtime_.seat(i, *shard.reactor, shard.runner.get());
        shard.context.reset(new session::ShardContext{*shard.reactor,
                                                      *shard.runner,
                                                      generation_->pipelines(),
                                                      *directory_,
                                                      shard.topics,
                                                      clients_,
                                                      *this,
                                                      random_,
                                                      sessionSettings_,
                                                      log_,
                                                      {},
                                                      0,
                                                      &shard.users,
                                                      userSignals_.get(),
                                                      shard.events.get()});
    }
}

void Server::makeListeners(const settings::Settings& settings) {
    std::vector<net::Reactor*> reactors;
    for (const auto& shard : shards_) reactors.push_back(shard->reactor.get());
    for (const settings::ListenerSettings& listener : settings.listeners) {
        net::ListenerOptions options;
        options.host = listener.bind.host;
        options.port = listener.bind.port;
        auto opened = net::Listener::open(options, reactors, connections_,
                                          gateway_.factory(generation_->policy(listener.name)));
        if (!opened) {
            throw StartFailure(ExitCode::environment, "listener '" + listener.name + "' on " +
                                                          listener.bind.host + ":" +
                                                          std::to_string(listener.bind.port) +
                                                          ": " + opened.error().reason);
        }
        listeners_.emplace_back(listener.name, std::move(*opened));
    }
}

void Server::makeWatchdog(const settings::Settings& settings) {
    std::vector<Watchdog::Subject> subjects;
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        const net::Reactor& reactor = *shards_[i]->reactor;
        subjects.push_back({[&reactor] { return reactor.tickStartedMs(); },
                            [this, i]() -> std::string {
                                const bridge::CallMarker::Place place = runtime_.whereabouts(i);
                                if (place.instance == nullptr || place.function == nullptr) {
                                    return "the host";
                                }
                                return std::string("plugin ") + place.instance + ", " +
                                       place.function;
                            }});
    }
    watchdog_ =
        std::make_unique<Watchdog>(clock_, settings.server.watchdogMs, std::move(subjects), log_);
}

void Server::makeOverview() {
    for (const auto& shard : shards_) {
        overview_.shards.push_back(
            {shard->reactor.get(), shard->runner.get(), shard->context.get(), shard->events.get()});
    }
    for (const auto& instance : instances_) overview_.instances.push_back(instance.get());
    for (const auto& instance : generation_->instances()) {
        overview_.instances.push_back(instance.get());
    }
    for (const auto& [name, listener] : listeners_) {
        overview_.listeners.emplace_back(name, listener.get());
    }
    overview_.pipelines = &generation_->pipelines();
    overview_.directory = directory_.get();
    overview_.outboxes = &budget_;
    overview_.connections = &connections_;
    overview_.watchdog = watchdog_.get();
    overview_.backups = backups_.get();
    overview_.server = this;
}

}  // namespace syncline::app
