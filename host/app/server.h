// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/backups.h"
#include "app/drain.h"
#include "app/generation.h"
#include "app/overview.h"
#include "app/plugin_set.h"
#include "app/watchdog.h"
#include "bridge/broker_adapter.h"
#include "bridge/runtime.h"
#include "bridge/storage_adapter.h"
#include "broadcast/topic_index.h"
#include "broadcast/user_signals.h"
#include "channel/directory.h"
#include "core/clock.h"
#include "core/ids.h"
#include "gateway/gateway.h"
#include "net/listener.h"
#include "net/memory_budget.h"
#include "net/reactor.h"
#include "session/client_registry.h"
#include "session/session_settings.h"
#include "session/shard_context.h"
#include "session/shard_events.h"
#include "settings/settings.h"

namespace syncline::app {

/// The running server: shards and their threads, what they share, and the order in which all of it
/// starts and stops. Made, started and stopped on the control thread.
class Server final : private gateway::ServerView,
                     private session::ShardContexts,
                     private DrainSteps {
public:
    /// Opens storages, plugins and ports; no thread runs yet. Throws StartFailure.
    Server(const settings::Settings& settings, PluginSet& plugins,
           std::shared_ptr<spdlog::logger> log);
    ~Server() override;
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Begins to accept. Throws StartFailure.
    void start();

    /// Drains, then ends its threads. Does nothing unless it was started.
    void stop();

    struct Listening {
        std::string name;
        std::string address;  ///< host:port as bound
    };
    std::vector<Listening> listening() const;

    /// Message type -> names of its stages, in order.
    const pipeline::PipelineTable& pipelines() const { return generation_->pipelines(); }
    std::size_t shardCount() const { return shards_.size(); }

private:
    /// One shard with all that only it touches.
    struct Shard {
        std::unique_ptr<net::Reactor> reactor;
        broadcast::TopicIndex topics;
        broadcast::TopicIndex users;
        std::unique_ptr<pipeline::Runner> runner;
        std::unique_ptr<session::ShardEvents> events;
        std::unique_ptr<session::ShardContext> context;
        std::vector<std::uint64_t> untold;  ///< sessions that are to be sent away
        std::thread thread;
    };

    // gateway::ServerView
    std::optional<std::string> notReady() const override;
    bool isDraining() const override { return draining_; }
    std::optional<core::Error> refusal() const override;
    std::optional<std::string> unhealthy() const override;
    json::Value describe() const override;

    // session::ShardContexts
    session::ShardContext& of(std::size_t shard) override { return *shards_[shard]->context; }

    // DrainSteps (server_stopping.cpp)
    void beUnready() override;
    void refuseNew() override;
    std::size_t clientsWaiting() override;
    void commitLast() override;
    bool isCommitted() override { return committed_; }
    void giveUp() override;
    std::size_t lineUp() override;
    void sendAway(std::size_t count) override;
    std::size_t connectionsLeaving() override;
    std::size_t eventsLeft() override;

    // server_making.cpp
    void makeShards(const settings::Settings& settings);
    void makeStorages(const settings::Settings& settings);
    void makeDirectory(const settings::Settings& settings);
    void makeContexts(const settings::Settings& settings);
    void makeListeners(const settings::Settings& settings);
    void makeWatchdog(const settings::Settings& settings);
    void makeOverview();
    void openShards();
    void onEachShard(const std::function<void(Shard&)>& task);
    static std::vector<std::uint64_t> numbersOn(const Shard& shard);
    void closeDoors();
    void end();

    const settings::DrainSettings drainSettings_;
    const std::int64_t drainTimeoutMs_;
    std::shared_ptr<spdlog::logger> log_;
    core::SystemClock clock_;
    mutable core::SystemRandom random_;  ///< asked by any thread
    PluginSet& plugins_;
    net::MemoryBudget budget_;
    net::ConnectionLimit connections_;
    bridge::Runtime runtime_;
    InstanceMaker maker_;
    std::vector<std::unique_ptr<bridge::Instance>> instances_;  ///< of storages and the broker
    std::map<std::string, std::unique_ptr<bridge::StorageAdapter>> storages_;
    std::unique_ptr<bridge::BrokerAdapter> broker_;
    std::unique_ptr<Backups> backups_;
    std::unique_ptr<Generation> generation_;
    session::ClientRegistry clients_;
    session::SessionSettings sessionSettings_;
    gateway::GatewaySettings gatewaySettings_;
    std::vector<std::unique_ptr<Shard>> shards_;
    std::unique_ptr<broadcast::UserSignals> userSignals_;
    std::unique_ptr<channel::Directory> directory_;
    gateway::Api api_;
    Overview overview_;
    gateway::Gateway gateway_;
    std::vector<std::pair<std::string, std::unique_ptr<net::Listener>>> listeners_;
    std::unique_ptr<Watchdog> watchdog_;
    const std::int64_t startedMs_;
    std::atomic<bool> draining_{false};
    std::atomic<bool> refusing_{false};
    std::atomic<bool> committed_{false};
    bool running_ = false;
};

}  // namespace syncline::app
