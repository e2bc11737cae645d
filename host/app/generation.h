// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/instance_maker.h"
#include "bridge/auth_adapter.h"
#include "bridge/handler_stage.h"
#include "bridge/strategy_adapter.h"
#include "channel/directory_settings.h"
#include "gateway/listener_policy.h"
#include "pipeline/pipeline.h"
#include "session/auth_chain.h"
#include "settings/settings.h"

namespace syncline::app {

/// What a configuration makes of stages, auth providers and conflict rules: instances, and the
/// pipelines and chains that they stand in. Immutable once made. Owned by the server. [control]
class Generation {
public:
    /// Throws StartFailure.
    Generation(const settings::Settings& settings, PluginSet& plugins, InstanceMaker& maker);
    ~Generation();
    Generation(const Generation&) = delete;
    Generation& operator=(const Generation&) = delete;

    const pipeline::PipelineTable& pipelines() const { return pipelines_; }
    const std::vector<channel::ConflictRule>& conflicts() const { return conflicts_; }

    /// By listener name.
    const gateway::ListenerPolicy& policy(const std::string& listener) const {
        return policies_.at(listener);
    }

    /// Opens the instances' per-shard state. Throws StartFailure. [that shard]
    void openShard(std::size_t shard);
    void closeShard(std::size_t shard);  ///< [that shard]

    /// No new work from here on.
    void drain();

    const std::vector<std::unique_ptr<bridge::Instance>>& instances() const { return instances_; }

private:
    pipeline::Stage& stageFor(const settings::ComponentUse& use, const std::string& name);
    void buildPipelines(const settings::Settings& settings, PluginSet& plugins);
    void buildEventPipelines(const settings::Settings& settings);
    void addPipeline(const settings::Settings& settings, PluginSet& plugins,
                     const settings::ComponentInfo& handler);
    pipeline::Step stepFor(const settings::ComponentUse& use, const std::string& name,
                           std::int64_t timeoutMs);
    void buildAuth(const settings::Settings& settings);
    void buildConflicts(const settings::Settings& settings, PluginSet& plugins);
    channel::ConflictStrategy& strategyFor(const settings::ComponentUse& use,
                                           const std::string& name, PluginSet& plugins);

    InstanceMaker& maker_;
    std::vector<std::unique_ptr<bridge::Instance>> instances_;
    std::vector<std::unique_ptr<bridge::HandlerStage>> stages_;
    std::vector<pipeline::Step> defaultSteps_;
    pipeline::PipelineTable pipelines_;
    std::map<std::string, std::unique_ptr<bridge::AuthAdapter>> providers_;
    std::map<std::string, std::unique_ptr<session::AuthChain>> chains_;
    std::map<std::string, gateway::ListenerPolicy> policies_;
    std::vector<std::unique_ptr<bridge::StrategyAdapter>> strategies_;
    std::vector<channel::ConflictRule> conflicts_;
};

}  // namespace syncline::app
