// SPDX-License-Identifier: Apache-2.0
#include "app/server.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <ranges>
#include <utility>

#include "app/phase_probe.h"
#include "app/start_failure.h"
#include "app/version.h"
#include "channel/directory_settings.h"
#include "session/session.h"

namespace syncline::app {

namespace {

/// Calls under way on one shard, over all its sessions.
constexpr std::size_t kCallsMax = 200'000;

/// How many sessions a shard says goodbye to at once, so that their clients do not all come back
/// in the same moment.
constexpr std::size_t kGoodbyesPerPass = 100;

constexpr std::chrono::milliseconds kPause(10);

template <class Number>
std::size_t toSize(Number number) {
    return static_cast<std::size_t>(number);
}

std::size_t shardCountOf(const settings::ServerSettings& server) {
    if (server.shards > 0) return toSize(server.shards);
    return std::max(1U, std::thread::hardware_concurrency());
}

net::ReactorLimits limitsOf(const settings::Settings& settings) {
    net::ReactorLimits limits;
    limits.inboxTasksMax = toSize(settings.limits.inboxTasksMax);
    limits.outboxBytesMax = toSize(settings.limits.outboxBytesMax);
    // Updates for all must not take the room of an answer: who gets none is closed.
    limits.outboxBytesKept = limits.outboxBytesMax / 8;
    limits.socketBytesMax = toSize(settings.limits.socketBytesMax);
    limits.outboxBytesLow = limits.outboxBytesMax / 4;
    return limits;
}

session::SessionSettings sessionSettingsOf(const settings::Settings& settings) {
    session::SessionSettings session;
    session.helloMs = settings.timeouts.helloMs;
    session.heartbeatMs = settings.heartbeat.intervalMs;
    session.pongMs = settings.heartbeat.pongTimeoutMs;
    session.messagesPerFrameMax = toSize(settings.limits.messagesPerFrameMax);
    session.depthMax = toSize(settings.limits.depthMax);
    session.malformedMax = toSize(settings.limits.malformedMax);
    session.subscriptionsMax = toSize(settings.limits.subscriptionsMax);
    session.pendingMax = toSize(settings.limits.pendingPerConnectionMax);
    session.messageBytesMax = toSize(settings.limits.messageBytesMax);
    // Like a record, a signal goes out in one frame.
    session.signalBytesMax =
        toSize(std::min(settings.limits.signalBytesMax, settings.limits.outboxBytesMax / 2));
    session.answerBytesMax = toSize(settings.limits.answerBytesMax);
    session.batchOpsMax = toSize(settings.limits.batchOpsMax);
    session.catchUpRoomBytes = toSize(settings.limits.outboxBytesMax) / 2;
    return session;
}

gateway::ApiSettings apiSettingsOf(const settings::Settings& settings) {
    gateway::ApiSettings api;
    api.deadlineMs = settings.api.deadlineMs;
    api.messagesMax = toSize(settings.api.messagesMax);
    api.depthMax = toSize(settings.limits.depthMax);
    api.cursorsMax = toSize(settings.api.cursorsMax);
    api.responseBytesMax = toSize(settings.api.responseBytesMax);
    api.opsMax = toSize(settings.api.opsMax);
    api.eventChannelsMax = toSize(settings.api.eventChannelsMax);
    api.eventRetryMs = settings.api.eventRetryMs;
    api.ticketLifeMs = settings.api.ticketLifeMs;
    api.ticketsMax = toSize(settings.api.ticketsMax);
    return api;
}

channel::SlowConsumer slowConsumerOf(settings::SlowConsumer policy) {
    switch (policy) {
        case settings::SlowConsumer::recover:
            return channel::SlowConsumer::recover;
        case settings::SlowConsumer::conflate:
            return channel::SlowConsumer::conflate;
        case settings::SlowConsumer::disconnect:
            return channel::SlowConsumer::disconnect;
    }
    return channel::SlowConsumer::recover;
}

gateway::GatewaySettings gatewaySettingsOf(const settings::Settings& settings) {
    gateway::GatewaySettings gateway;
    gateway.http.headerBytesMax = toSize(settings.limits.headerBytesMax);
    gateway.http.bodyBytesMax = toSize(settings.limits.bodyBytesMax);
    gateway.frames.messageBytesMax = toSize(settings.limits.messageBytesMax);
    gateway.handshakeMs = settings.timeouts.handshakeMs;
    gateway.headerMs = settings.timeouts.headerMs;
    gateway.bodyMs = settings.timeouts.bodyMs;
    gateway.idleMs = settings.timeouts.idleMs;
    gateway.api = apiSettingsOf(settings);
    return gateway;
}

}  // namespace

Server::Server(const settings::Settings& settings, PluginSet& plugins,
               std::shared_ptr<spdlog::logger> log)
    : drainTimeoutMs_(settings.server.drainTimeoutMs),
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
    stop();
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

// ---- Making ----------------------------------------------------------------------------------

void Server::makeShards(const settings::Settings& settings) {
    for (std::size_t i = 0; i < runtime_.shardCount(); ++i) {
        auto shard = std::make_unique<Shard>();
        shard->reactor = std::make_unique<net::Reactor>(i, clock_, budget_, limitsOf(settings));
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
    if (settings.broker) {
        instances_.push_back(
            maker_.make(settings.broker->component, "broker." + settings.broker->name));
        broker_ = std::make_unique<bridge::BrokerAdapter>(*instances_.back());
    }
}

void Server::makeDirectory(const settings::Settings& settings) {
    channel::DirectorySettings directory;
    for (const auto& shard : shards_) {
        directory.shards.push_back({shard->reactor.get(), &shard->topics});
        directory.events.push_back(shard->events.get());
    }
    for (const auto& [name, storage] : storages_) directory.storages.emplace(name, storage.get());
    directory.broker = broker_.get();
    for (const settings::ChannelRule& rule : settings.channels) {
        directory.channels.push_back(
            {rule.match, rule.storage, static_cast<std::uint64_t>(rule.history.opsMax),
             static_cast<std::uint64_t>(rule.history.bytesMax), rule.history.ageMs,
             slowConsumerOf(rule.slowConsumer), rule.presence});
    }
    directory.conflicts = generation_->conflicts();
    directory.clock = &clock_;
    directory.random = &random_;
    directory.log = log_;
    directory.commitOpsMax = toSize(settings.commit.opsMax);
    directory.commitBytesMax = toSize(settings.commit.bytesMax);
    directory.queueOpsMax = toSize(settings.commit.queueOpsMax);
    directory.queueBytesMax = toSize(settings.commit.queueBytesMax);
    directory.recordBytesMax = toSize(settings.limits.recordBytesMax);
    directory.stampsMax = toSize(settings.limits.stampsMax);
    directory.patchStepsMax = toSize(settings.limits.patchStepsMax);
    directory.batchOpsMax = toSize(settings.limits.batchOpsMax);
    // Its update is one message, which must fit an outbox that is half full.
    directory.batchBytesMax =
        std::min(toSize(settings.limits.batchBytesMax), toSize(settings.limits.outboxBytesMax) / 2);
    directory.depthMax = toSize(settings.limits.depthMax);
    directory.outcomesMax = toSize(settings.streams.outcomesMax);
    directory.keysMax = toSize(settings.streams.keysMax);
    directory.streamAgeMsMax = settings.streams.ageMs;
    directory.catchUpBytesMax = toSize(settings.limits.catchUpTotalBytesMax);
    directory.signalQueueBytesMax = toSize(settings.limits.signalQueueBytesMax);
    directory.presenceMembersMax = toSize(settings.limits.presenceMembersMax);
    directory.presenceStateBytesMax = toSize(settings.limits.presenceStateBytesMax);
    directory.presenceBytesMax = toSize(settings.limits.presenceTotalBytesMax);
    directory.presenceGraceMs = settings.timeouts.presenceMs;
    // A frame of a snapshot must fit an outbox that is half full.
    directory.catchUpFrameBytesMax =
        std::min(directory.catchUpFrameBytesMax, toSize(settings.limits.outboxBytesMax) / 4);
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
    overview_.server = this;
}

// ---- Starting ----------------------------------------------------------------------------------

void Server::start() {
    running_ = true;
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        shards_[i]->thread = std::thread([this, i] {
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

// ---- Stopping ----------------------------------------------------------------------------------

void Server::stop() {
    if (!running_) return;
    running_ = false;
    draining_ = true;
    const std::int64_t deadlineMs = clock_.steadyMs() + drainTimeoutMs_;
    onEachShard([this](Shard& shard) {
        if (&shard == shards_.front().get()) {
            for (const auto& listener : listeners_) listener.second->stopAccepting();
        }
        for (const auto& entry : shard.context->sessions) entry.second->stopReading();
    });
    waitUntil(deadlineMs, [this] { return callsUnderWay() == 0; });
    auto drained = std::make_shared<std::promise<void>>();
    std::future<void> lastCommit = drained->get_future();
    directory_->drain([drained] { drained->set_value(); });
    waitUntil(deadlineMs, [&] {
        return lastCommit.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    });
    sayGoodbye(deadlineMs);
    waitUntil(deadlineMs, [this] { return eventsLeft() == 0; });
    generation_->drain();
    onEachShard([this](Shard& shard) {
        shard.reactor->closeAll();
        shard.events->stop();
        generation_->closeShard(shard.reactor->index());
        for (const auto& instance : std::views::reverse(instances_)) {
            instance->closeShard(shard.reactor->index());
        }
    });
    watchdog_.reset();
    for (const auto& shard : shards_) shard->reactor->stop();
    for (const auto& shard : shards_) shard->thread.join();
}

void Server::sayGoodbye(std::int64_t deadlineMs) {
    waitUntil(deadlineMs, [this] {
        onEachShard([](Shard& shard) {
            std::size_t told = 0;
            for (const auto& entry : shard.context->sessions) {
                if (entry.second->closing()) continue;
                if (told++ == kGoodbyesPerPass) break;
                entry.second->close(session::CloseCode::draining, "the server is shutting down");
            }
        });
        return sessionsOpen() == 0;
    });
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

bool Server::waitUntil(std::int64_t deadlineMs, const std::function<bool()>& done) const {
    while (!done()) {
        if (clock_.steadyMs() >= deadlineMs) return false;
        std::this_thread::sleep_for(kPause);
    }
    return true;
}

std::size_t Server::callsUnderWay() {
    std::atomic<std::size_t> calls{0};
    // Nobody waits for what events come to.
    onEachShard(
        [&](Shard& shard) { calls += shard.runner->underWay() - shard.events->underWay(); });
    return calls;
}

std::size_t Server::sessionsOpen() {
    std::atomic<std::size_t> sessions{0};
    onEachShard([&](Shard& shard) { sessions += shard.context->sessions.size(); });
    return sessions;
}

std::size_t Server::eventsLeft() {
    std::atomic<std::size_t> events{0};
    onEachShard(
        [&](Shard& shard) { events += shard.events->waiting() + shard.events->underWay(); });
    return events;
}

// ---- Telling -----------------------------------------------------------------------------------

std::optional<std::string> Server::notReady() const {
    if (draining_) return "the server is shutting down";
    return directory_->unhealthy();
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
