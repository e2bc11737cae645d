// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/generation.h"
#include "app/instance_maker.h"
#include "app/plugin_set.h"
#include "bridge/runtime.h"
#include "broadcast/topic_index.h"
#include "broadcast/user_signals.h"
#include "channel/directory.h"
#include "channel/directory_settings.h"
#include "gateway/request_session.h"
#include "session/auth_chain.h"
#include "session/client_registry.h"
#include "session/session.h"
#include "session/session_settings.h"
#include "session/shard_context.h"
#include "settings/settings.h"
#include "simulation/clock.h"
#include "simulation/dice.h"
#include "simulation/disk.h"
#include "simulation/shard.h"

namespace syncline::simulation {

/// The plugins and the configuration, read once in a process.
struct Installation {
    settings::Settings settings;
    std::unique_ptr<app::PluginSet> plugins;

    /// Throws std::runtime_error.
    static Installation open(const std::string& configFile);
};

/// What differs from run to run.
struct Tuning {
    channel::SlowConsumer slowConsumer = channel::SlowConsumer::recover;
    std::uint64_t historyOpsMax = 10'000;
    std::size_t checkpointOpsMax = 30;
    std::size_t logMemoryBytesMax = 4U << 20;
    std::size_t catchUpFrameBytesMax = 1'000;
    std::size_t stampsMax = 1'000;
    std::size_t commitOpsMax = 100;
    std::size_t outcomesMax = 10'000;
    std::size_t channelsLoadedMax = 100;
    std::size_t outboxBytesMax = 20'000;
    std::int64_t streamAgeMsMax = 30LL * 24 * 3600 * 1000;

    static Tuning of(std::uint64_t seed);
    bool forgetsStamps() const { return historyOpsMax < 10'000 || stampsMax < 1'000; }
};

/// Who may come in: everybody is who they say, and a member unless they are shut out. Outlives the
/// servers.
class Doorkeeper final : public session::AuthProvider {
public:
    const std::string& name() const override { return name_; }
    void authenticate(core::Shard& shard, const session::Credentials& credentials,
                      core::UniqueFunction<void(session::AuthAnswer)> answer) override;
    std::set<std::string> shutOut;

private:
    const std::string name_ = "doorkeeper";
};

/// Strategies that go wrong while the world says so, and are the built ones otherwise.
class Moody final : public channel::ConflictStrategy {
public:
    enum class Mood : std::uint8_t { well, fails, hangs, tooFew, tooMany };
    struct Shared {
        Mood mood = Mood::well;
        VirtualClock* clock = nullptr;
        std::function<void()> onFirstAsked;  ///< in this mood

        void noteAsked() {
            if (onFirstAsked) std::exchange(onFirstAsked, nullptr)();
        }
    };

    Moody(channel::ConflictStrategy& inner, Shared& shared) : inner_(inner), shared_(shared) {}
    bool asksAlways() const override { return inner_.asksAlways(); }
    core::Result<std::vector<channel::PathVerdict>> decide(
        const channel::ConflictQuestion& question) override;

private:
    channel::ConflictStrategy& inner_;
    Shared& shared_;
};

/// One life of the server: from a start to a crash. The real sessions, pipelines, plugins and
/// channel layer, on shards that the schedule runs. What it leaves behind is what is on the disk.
class Server final : private session::ShardContexts {
public:
    struct Place {
        Installation& installation;
        VirtualClock& clock;
        Schedule& schedule;
        Disk& disk;
        Dice& random;
        Doorkeeper& doorkeeper;
        Moody::Shared& mood;
        Tuning tuning;
        std::uint64_t life = 0;
        /// Runs an event of a life, unless that life is over. Behind it the faults get their turn.
        std::function<void(std::uint64_t life, std::int64_t us, core::Task)> later;
    };

    explicit Server(Place place);
    ~Server() override;
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    static constexpr std::size_t kShards = 2;

    std::unique_ptr<session::Session> meet(std::size_t shard, session::Transport& transport);

    /// For one request of a user, whose `plan` it takes from.
    std::unique_ptr<gateway::RequestSession> exchange(std::size_t shard, gateway::RequestPlan& plan,
                                                      const std::string& user,
                                                      gateway::RequestSession::Done done);

    /// On this shard from here on.
    void enter(std::size_t shard) { runtime_.claimThread(shard); }
    void wake(std::size_t shard);
    core::Shard& shard(std::size_t index) { return *shards_[index]->shard; }
    channel::Directory& directory() { return *directory_; }
    void compact() { directory_->compact(); }

private:
    struct Shard {
        std::unique_ptr<VirtualShard> shard;
        broadcast::TopicIndex topics;
        broadcast::TopicIndex users;
        std::unique_ptr<pipeline::Runner> runner;
        std::unique_ptr<session::ShardContext> context;
        bool tickDue = false;
        bool timersDue = false;
    };

    session::ShardContext& of(std::size_t shard) override { return *shards_[shard]->context; }
    void makeDirectory();
    void makeContexts();
    void tick(std::size_t shard);
    void workLater();
    void work();

    Place place_;
    bridge::Runtime runtime_;
    app::InstanceMaker maker_;
    std::unique_ptr<app::Generation> generation_;
    std::vector<std::unique_ptr<Moody>> strategies_;
    std::vector<std::unique_ptr<Shard>> shards_;
    std::unique_ptr<broadcast::UserSignals> userSignals_;
    session::ClientRegistry clients_;
    session::SessionSettings sessionSettings_;
    gateway::ApiSettings apiSettings_;
    session::AuthChain chain_;
    std::shared_ptr<spdlog::logger> log_;  ///< shared: spdlog hands loggers out that way
    std::unique_ptr<channel::Directory> directory_;
    bool workDue_ = false;
};

}  // namespace syncline::simulation
