// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "broadcast/topic_index.h"
#include "broadcast/user_signals.h"
#include "channel/directory.h"
#include "channel/event_sink.h"
#include "core/ids.h"
#include "core/shard.h"
#include "pipeline/runner.h"
#include "session/client_registry.h"
#include "session/session_figures.h"
#include "session/session_settings.h"

namespace syncline::session {

class Session;
class ShardContext;

/// Finds the context of any shard, for what must be done on another one. Owned by the server.
class ShardContexts {
public:
    virtual ~ShardContexts() = default;
    virtual ShardContext& of(std::size_t shard) = 0;
};

/// What the sessions of one shard share. One per shard, made by the composition root; outlives the
/// sessions. [its shard, once started]
class ShardContext {
public:
    core::Shard& shard;
    pipeline::Runner& runner;
    const pipeline::PipelineTable& pipelines;
    channel::Directory& directory;
    broadcast::TopicIndex& topics;
    ClientRegistry& clients;
    ShardContexts& contexts;
    core::Random& random;
    const SessionSettings& settings;
    std::shared_ptr<spdlog::logger> log;  ///< shared: spdlog hands loggers out that way

    /// Live sessions by number. A number is never reused, so what comes back late finds nothing.
    std::unordered_map<std::uint64_t, Session*> sessions;
    std::uint64_t lastNumber = 0;

    /// This shard's sessions by user, and the way to all of a user's; null: users are not reached.
    broadcast::TopicIndex* users = nullptr;
    const broadcast::UserSignals* userSignals = nullptr;

    channel::EventSink* events = nullptr;  ///< null: nobody is told

    SessionFigures figures = {};

    Session* find(std::uint64_t number) const {
        const auto found = sessions.find(number);
        return found == sessions.end() ? nullptr : found->second;
    }
};

}  // namespace syncline::session
