// SPDX-License-Identifier: Apache-2.0
#include "simulation/server.h"

#include <spdlog/sinks/null_sink.h>

#include <stdexcept>
#include <utility>

#include "app/layer_settings.h"
#include "settings/load.h"

namespace syncline::simulation {

namespace {

constexpr std::size_t kCallsMax = 10'000;
constexpr std::int64_t kForeverMs = 1'000LL * 365 * 24 * 3600 * 1000;

std::shared_ptr<spdlog::logger> silence() {
    auto log = std::make_shared<spdlog::logger>("simulation",
                                                std::make_shared<spdlog::sinks::null_sink_mt>());
    log->set_level(spdlog::level::off);
    return log;
}

}  // namespace

Installation Installation::open(const std::string& configFile) {
    const settings::ProcessEnvironment environment;
    settings::Draft draft = settings::readDraft(configFile, environment);
    auto plugins = std::make_unique<app::PluginSet>(draft.plugins());
    settings::LoadOutcome outcome = settings::finish(std::move(draft), environment, *plugins);
    if (!outcome.settings) throw std::runtime_error(outcome.diagnostics.render());
    return {std::move(*outcome.settings), std::move(plugins)};
}

Tuning Tuning::of(std::uint64_t seed) {
    Dice dice(seed, "tuning");
    Tuning tuning;
    tuning.slowConsumer = static_cast<channel::SlowConsumer>(dice.below(3));
    if (dice.chance(50)) tuning.historyOpsMax = 3 + dice.below(40);
    tuning.checkpointOpsMax = 2 + dice.below(40);
    if (dice.chance(40)) tuning.logMemoryBytesMax = 500 + dice.below(4'000);
    tuning.catchUpFrameBytesMax = 200 + dice.below(3'000);
    if (dice.chance(25)) tuning.stampsMax = 3 + dice.below(5);
    tuning.commitOpsMax = 1 + dice.below(50);
    if (dice.chance(20)) tuning.outcomesMax = 8 + dice.below(20);
    if (dice.chance(30)) tuning.channelsLoadedMax = 2;
    tuning.outboxBytesMax = 6'000 + dice.below(30'000);
    // So short that any jump of the clock may pass it.
    if (dice.chance(50)) tuning.streamAgeMsMax = dice.between(600'000, 14'400'000);
    return tuning;
}

void Doorkeeper::authenticate(core::Shard&, const session::Credentials& credentials,
                              core::UniqueFunction<void(session::AuthAnswer)> answer) {
    // Requests show it in their header.
    const std::string& user =
        credentials.token.empty() ? credentials.authorization : credentials.token;
    session::AuthAnswer found;
    found.kind = session::AuthAnswer::Kind::accept;
    found.principal.document = json::Value::object();
    found.principal.document.set("user", user);
    json::Value roles = json::Value::array();
    roles.push(shutOut.contains(user) ? "stranger" : "member");
    found.principal.document.set("roles", std::move(roles));
    answer(std::move(found));
}

core::Result<std::vector<channel::PathVerdict>> Moody::decide(
    const channel::ConflictQuestion& question) {
    if (shared_.mood == Mood::well) return inner_.decide(question);
    shared_.noteAsked();
    switch (shared_.mood) {
        case Mood::fails:
            return core::fail(core::Code::pluginFailed, "the strategy threw");
        case Mood::hangs:
            shared_.clock->pass(5'000'000);
            return core::fail(core::Code::timedOut, "the strategy took too long");
        case Mood::well:
        case Mood::tooFew:
        case Mood::tooMany:
            break;
    }
    auto verdicts = inner_.decide(question);
    if (!verdicts) return verdicts;
    if (shared_.mood == Mood::tooFew)
        verdicts->clear();
    else
        verdicts->emplace_back();
    return verdicts;
}

Server::Server(Place place)
    : place_(std::move(place)),
      runtime_(kShards, place_.clock, place_.random, silence()),
      maker_(*place_.installation.plugins, runtime_),
      chain_({&place_.doorkeeper}),
      log_(runtime_.log()) {
    for (std::size_t i = 0; i < kShards; ++i) {
        auto shard = std::make_unique<Shard>();
        shard->shard = std::make_unique<VirtualShard>(place_.clock, i, [this, i] { wake(i); });
        shards_.push_back(std::move(shard));
        runtime_.seat(i, *shards_[i]->shard, nullptr);
    }
    generation_ = std::make_unique<app::Generation>(place_.installation.settings,
                                                    *place_.installation.plugins, maker_);
    makeDirectory();
    makeContexts();
    for (std::size_t i = 0; i < kShards; ++i) {
        enter(i);
        generation_->openShard(i);
        wake(i);
    }
}

Server::~Server() {
    directory_.reset();
    for (std::size_t i = 0; i < kShards; ++i) {
        enter(i);
        generation_->closeShard(i);
        shards_[i]->shard->forgetAll();
    }
}

void Server::makeDirectory() {
    const Tuning& tuning = place_.tuning;
    channel::DirectorySettings settings = app::directorySettingsOf(place_.installation.settings);
    for (const auto& shard : shards_)
        settings.shards.push_back({shard->shard.get(), &shard->topics});
    settings.storages = {{"main", &place_.disk}};
    channel::ChannelRule& rule = settings.channels.front();
    rule.slowConsumer = tuning.slowConsumer;
    rule.historyOpsMax = tuning.historyOpsMax;
    if (!tuning.forgetsStamps()) rule.historyAgeMsMax = kForeverMs;
    for (channel::ConflictRule given : generation_->conflicts()) {
        if (given.strategy != nullptr) {
            strategies_.push_back(std::make_unique<Moody>(*given.strategy, place_.mood));
            given.strategy = strategies_.back().get();
        }
        settings.conflicts.push_back(std::move(given));
    }
    settings.clock = &place_.clock;
    settings.random = &place_.random;
    settings.log = log_;
    settings.checkpointOpsMax = tuning.checkpointOpsMax;
    settings.logMemoryBytesMax = tuning.logMemoryBytesMax;
    settings.catchUpFrameBytesMax = tuning.catchUpFrameBytesMax;
    settings.stampsMax = tuning.stampsMax;
    settings.commitOpsMax = tuning.commitOpsMax;
    settings.outcomesMax = tuning.outcomesMax;
    settings.channelsLoadedMax = tuning.channelsLoadedMax;
    settings.streamAgeMsMax = tuning.streamAgeMsMax;
    settings.threads = false;
    directory_ = std::make_unique<channel::Directory>(std::move(settings));
}

void Server::makeContexts() {
    std::vector<broadcast::UserSignals::Seat> seats;
    for (const auto& shard : shards_) seats.push_back({shard->shard.get(), &shard->users});
    userSignals_ = std::make_unique<broadcast::UserSignals>(std::move(seats));
    sessionSettings_ = app::sessionSettingsOf(place_.installation.settings);
    sessionSettings_.catchUpRoomBytes = place_.tuning.outboxBytesMax / 2;
    apiSettings_.responseBytesMax = place_.tuning.outboxBytesMax;
    const pipeline::PipelineTable& pipelines = generation_->pipelines();
    for (std::size_t i = 0; i < kShards; ++i) {
        Shard& shard = *shards_[i];
        shard.runner = std::make_unique<pipeline::Runner>(
            *shard.shard, kCallsMax, pipelines.meters.size(), pipelines.count());
        runtime_.seat(i, *shard.shard, shard.runner.get());
        shard.context.reset(new session::ShardContext{*shard.shard,
                                                      *shard.runner,
                                                      pipelines,
                                                      *directory_,
                                                      shard.topics,
                                                      clients_,
                                                      *this,
                                                      place_.random,
                                                      sessionSettings_,
                                                      log_,
                                                      {},
                                                      0,
                                                      &shard.users,
                                                      userSignals_.get()});
    }
}

std::unique_ptr<session::Session> Server::meet(std::size_t shard, session::Transport& transport) {
    enter(shard);
    return std::make_unique<session::Session>(*shards_[shard]->context, transport, chain_);
}

std::unique_ptr<gateway::RequestSession> Server::exchange(std::size_t shard,
                                                          gateway::RequestPlan& plan,
                                                          const std::string& user,
                                                          gateway::RequestSession::Done done) {
    enter(shard);
    session::Credentials shown;
    shown.authorization = user;
    shown.address = "192.0.2.2";
    return std::make_unique<gateway::RequestSession>(*shards_[shard]->context, chain_, apiSettings_,
                                                     plan, std::move(shown), std::move(done));
}

// A tick comes soon after something waits for it, and what ends in a tick leaves with it.
void Server::wake(std::size_t index) {
    if (std::exchange(shards_[index]->tickDue, true)) return;
    const auto us = static_cast<std::int64_t>(20 + place_.random.below(180));
    place_.later(place_.life, us, [this, index] { tick(index); });
}

void Server::tick(std::size_t index) {
    Shard& shard = *shards_[index];
    shard.tickDue = false;
    enter(index);
    shard.shard->tick();
    workLater();
    if (std::exchange(shard.timersDue, true)) return;
    const std::int64_t ms = shard.shard->timers().untilNextMs(place_.clock.steadyMs(), 1'000);
    place_.later(place_.life, (ms + 1) * 1'000, [this, index] {
        shards_[index]->timersDue = false;
        wake(index);
    });
}

void Server::workLater() {
    if (std::exchange(workDue_, true)) return;
    const auto us = static_cast<std::int64_t>(100 + place_.random.below(3'000));
    place_.later(place_.life, us, [this] { work(); });
}

void Server::work() {
    workDue_ = false;
    if (directory_->runBackground()) workLater();
}

}  // namespace syncline::simulation
