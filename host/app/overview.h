// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/backups.h"
#include "app/process_figures.h"
#include "app/watchdog.h"
#include "bridge/instance.h"
#include "channel/directory.h"
#include "gateway/admin_view.h"
#include "gateway/server_view.h"
#include "net/connection_limit.h"
#include "net/listener.h"
#include "net/memory_budget.h"
#include "net/reactor.h"
#include "observe/exposition.h"
#include "pipeline/pipeline.h"
#include "pipeline/runner.h"
#include "session/shard_context.h"
#include "session/shard_events.h"

namespace syncline::app {

/// Looks at the whole server for those who watch it: adds up what each part has counted, when
/// somebody asks and not before. What a shard alone may touch it is asked for. Owned by the server,
/// which fills it in while starting; everything outlives it.
class Overview final : public gateway::AdminView {
public:
    struct Shard {
        net::Reactor* reactor = nullptr;
        const pipeline::Runner* runner = nullptr;
        const session::ShardContext* context = nullptr;
        const session::ShardEvents* events = nullptr;
    };

    struct Limits {
        std::size_t seriesMax = 1'000;  ///< of one metric
        std::size_t itemsMax = 1'000;   ///< of one list
    };

    explicit Overview(Limits limits) : limits_(limits) {}

    // gateway::AdminView
    std::string metrics() const override;
    void stats(core::Shard& from,
               core::UniqueFunction<void(const json::Value&)> answer) const override;
    void backUp(core::Shard& from, const std::string& storage,
                core::UniqueFunction<void(core::Result<json::Value>)> answer) const override {
        backups->write(from, storage, std::move(answer));
    }

    std::vector<Shard> shards;
    std::vector<const bridge::Instance*> instances;
    std::vector<std::pair<std::string, const net::Listener*>> listeners;
    const pipeline::PipelineTable* pipelines = nullptr;
    const channel::Directory* directory = nullptr;
    const net::MemoryBudget* outboxes = nullptr;
    const net::ConnectionLimit* connections = nullptr;
    const Watchdog* watchdog = nullptr;
    Backups* backups = nullptr;
    const gateway::ServerView* server = nullptr;

private:
    // metrics_page.cpp, by what they are about
    void addConnections(observe::Exposition& page) const;
    void addSessions(observe::Exposition& page) const;
    void addMessages(observe::Exposition& page) const;
    void addEvents(observe::Exposition& page) const;
    void addStages(observe::Exposition& page) const;
    void addChannels(observe::Exposition& page) const;
    void addStorages(observe::Exposition& page) const;
    void addPlugins(observe::Exposition& page) const;
    void addShards(observe::Exposition& page) const;

    // stats_page.cpp
    struct Gathering;
    struct Part;
    Part partOf(std::size_t shard) const;
    json::Value page(Gathering& gathering) const;
    json::Value shardsPage(const Gathering& gathering) const;
    json::Value pipelinesPage() const;
    json::Value pluginsPage() const;
    json::Value storagesPage() const;

    const Limits limits_;
    OpenDescriptors descriptors_;
};

}  // namespace syncline::app
