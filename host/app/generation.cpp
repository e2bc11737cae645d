// SPDX-License-Identifier: Apache-2.0
#include "app/generation.h"

#include <ranges>
#include <utility>

#include "app/start_failure.h"
#include "settings/default_config.h"

namespace syncline::app {

namespace {

constexpr const char* kDefaultPipeline = "default";
constexpr std::string_view kEventPrefix = "event.";

const settings::ComponentInfo* findInfo(const PluginSet& plugins, std::string_view kind,
                                        std::string_view name) {
    for (const settings::ComponentInfo& info : plugins.components()) {
        if (info.kind == kind && (info.name == name || info.plugin + "/" + info.name == name)) {
            return &info;
        }
    }
    return nullptr;
}

}  // namespace

Generation::Generation(const settings::Settings& settings, PluginSet& plugins, InstanceMaker& maker)
    : maker_(maker) {
    buildPipelines(settings, plugins);
    buildEventPipelines(settings);
    buildAuth(settings);
    buildConflicts(settings, plugins);
}

Generation::~Generation() {
    while (!instances_.empty()) {
        bridge::Instance::retire(std::move(instances_.back()), 1'000);
        instances_.pop_back();
    }
}

void Generation::openShard(std::size_t shard) {
    for (const auto& instance : instances_) {
        if (auto opened = instance->openShard(shard); !opened) {
            throw StartFailure(ExitCode::plugin,
                               "'" + instance->name() + "' could not start on shard " +
                                   std::to_string(shard) + ": " + opened.error().reason);
        }
    }
}

void Generation::closeShard(std::size_t shard) {
    for (const auto& instance : std::views::reverse(instances_)) instance->closeShard(shard);
}

void Generation::drain() {
    for (const auto& instance : std::views::reverse(instances_)) instance->drain();
}

pipeline::Stage& Generation::stageFor(const settings::ComponentUse& use, const std::string& name) {
    instances_.push_back(maker_.make(use, name));
    stages_.push_back(std::make_unique<bridge::HandlerStage>(*instances_.back()));
    return *stages_.back();
}

pipeline::Step Generation::stepFor(const settings::ComponentUse& use, const std::string& name,
                                   std::int64_t timeoutMs) {
    pipeline::Stage& stage = stageFor(use, name);
    pipelines_.meters.push_back(stage.name());
    return {&stage, use.name, static_cast<std::uint32_t>(timeoutMs),
            static_cast<std::uint32_t>(pipelines_.meters.size() - 1)};
}

void Generation::buildPipelines(const settings::Settings& settings, PluginSet& plugins) {
    const auto written = settings.pipelines.find(kDefaultPipeline);
    if (written != settings.pipelines.end()) {
        for (const settings::StageSettings& stage : written->second) {
            const std::string name = std::string(kDefaultPipeline) + "." + stage.component.name;
            defaultSteps_.push_back(stepFor(stage.component, name, stage.timeoutMs));
        }
    }
    for (const settings::ComponentInfo& info : plugins.components()) {
        if (info.kind == settings::kind::messageHandler && !info.filter) {
            addPipeline(settings, plugins, info);
        }
    }
}

void Generation::buildEventPipelines(const settings::Settings& settings) {
    for (const auto& [type, stages] : settings.pipelines) {
        if (!type.starts_with(kEventPrefix)) continue;
        pipeline::Pipeline pipeline;
        pipeline.type = type;
        for (const settings::StageSettings& stage : stages) {
            pipeline.steps.push_back(
                stepFor(stage.component, type + "." + stage.component.name, stage.timeoutMs));
        }
        if (pipeline.steps.empty()) continue;
        pipelines_.addEvent(type.substr(kEventPrefix.size()), std::move(pipeline));
    }
}

void Generation::addPipeline(const settings::Settings& settings, PluginSet& /*plugins*/,
                             const settings::ComponentInfo& handler) {
    pipeline::Pipeline pipeline;
    pipeline.type = handler.name;
    pipeline.opensSession = handler.opensSession;
    pipeline.carriesOps = handler.carriesOps;
    pipeline.carriesBatches = handler.carriesBatches;
    pipeline.resolvesConflicts = handler.resolvesConflicts;
    pipeline.subscribes = handler.subscribes;
    pipeline.readsSnapshot = handler.readsSnapshot;
    pipeline.readsHistory = handler.readsHistory;
    pipeline.steps = defaultSteps_;
    const auto written = settings.pipelines.find(handler.name);
    bool named = false;
    if (written != settings.pipelines.end()) {
        for (const settings::StageSettings& stage : written->second) {
            const std::string name = handler.name + "." + stage.component.name;
            named = named || (stage.component.plugin == handler.plugin &&
                              stage.component.name == handler.name);
            pipeline.steps.push_back(stepFor(stage.component, name, stage.timeoutMs));
        }
    }
    if (!named) {
        auto use = settings::defaultConfig(handler);
        if (!use) {
            throw StartFailure(ExitCode::config,
                               "message type '" + handler.name + "' of plugin " + handler.plugin +
                                   " needs a configuration: write it under pipelines." +
                                   handler.name);
        }
        pipeline.steps.push_back(
            stepFor(*use, handler.name + "." + handler.name, settings::StageSettings().timeoutMs));
    }
    pipelines_.add(std::move(pipeline));
}

void Generation::buildAuth(const settings::Settings& settings) {
    for (const settings::NamedComponent& auth : settings.auth) {
        instances_.push_back(maker_.make(auth.component, "auth." + auth.name));
        providers_.emplace(auth.name, std::make_unique<bridge::AuthAdapter>(*instances_.back()));
    }
    for (const settings::ListenerSettings& listener : settings.listeners) {
        std::vector<session::AuthProvider*> chain;
        for (const std::string& name : listener.auth) chain.push_back(providers_.at(name).get());
        const auto& placed =
            chains_.emplace(listener.name, std::make_unique<session::AuthChain>(std::move(chain)))
                .first->second;
        policies_.emplace(listener.name,
                          gateway::ListenerPolicy{listener.name, listener.origins, listener.cookie,
                                                  placed.get(), listener.api, listener.admin});
    }
}

void Generation::buildConflicts(const settings::Settings& settings, PluginSet& plugins) {
    for (std::size_t i = 0; i < settings.conflict.size(); ++i) {
        const settings::ConflictRule& rule = settings.conflict[i];
        const std::string name = "conflict." + std::to_string(i + 1) + "." + rule.strategy.name;
        conflicts_.push_back(
            {rule.channel, rule.key, rule.path, &strategyFor(rule.strategy, name, plugins)});
    }
}

channel::ConflictStrategy& Generation::strategyFor(const settings::ComponentUse& use,
                                                   const std::string& name, PluginSet& plugins) {
    instances_.push_back(maker_.make(use, name));
    strategies_.push_back(std::make_unique<bridge::StrategyAdapter>(*instances_.back()));
    bridge::StrategyAdapter& strategy = *strategies_.back();
    const json::Value* next = use.config.find("otherwise");
    if (next == nullptr || !next->isString()) return strategy;
    const settings::ComponentInfo* info =
        findInfo(plugins, settings::kind::conflictStrategy, next->asString());
    auto config = info == nullptr ? std::nullopt : settings::defaultConfig(*info);
    if (!config) {
        throw StartFailure(
            ExitCode::config,
            settings::locate(use, "/otherwise",
                             info == nullptr ? "no conflict strategy has this name"
                                             : "a strategy that needs no configuration of its "
                                               "own is needed here")
                .render());
    }
    strategy.setOtherwise(&strategyFor(*config, name + "." + info->name, plugins));
    return strategy;
}

}  // namespace syncline::app
