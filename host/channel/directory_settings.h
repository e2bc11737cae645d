// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "channel/broker.h"
#include "channel/conflict_strategy.h"
#include "channel/event_sink.h"
#include "channel/slow_consumer.h"
#include "channel/storage.h"
#include "core/clock.h"
#include "core/ids.h"
#include "core/shard.h"

namespace syncline::broadcast {
class TopicIndex;
}

namespace syncline::channel {

/// The first rule whose pattern matches a channel's name decides; no match: no such channel.
struct ChannelRule {
    std::string match;  ///< `*` stands for any run of bytes
    std::string storage;
    std::uint64_t historyOpsMax = 10'000;
    std::uint64_t historyBytesMax = 64ULL << 20;
    std::int64_t historyAgeMsMax = 7LL * 24 * 3600 * 1000;
    SlowConsumer slowConsumer = SlowConsumer::recover;
    bool presence = false;
};

/// The first rule that matches (channel, key, path) decides. Patterns as above; an empty one
/// matches all. A path pattern matches the path itself and everything below it.
struct ConflictRule {
    std::string channel;
    std::string key;
    std::string path;
    ConflictStrategy* strategy = nullptr;  ///< null: the last to arrive wins
};

/// One shard as the channel layer sees it. Borrowed; they outlive the directory.
struct ShardSeat {
    core::Shard* shard = nullptr;
    broadcast::TopicIndex* topics = nullptr;
};

/// Where the writer thread is, for tests that kill the process at a known phase.
enum class CommitPhase : std::uint8_t { idle = 0, gathered = 1, committing = 2, committed = 3 };

struct DirectorySettings {
    std::vector<ShardSeat> shards;
    std::vector<EventSink*> events;            ///< by shard; borrowed; empty: nobody is told
    std::map<std::string, Storage*> storages;  ///< by name; borrowed
    Broker* broker = nullptr;                  ///< borrowed; may be null
    std::vector<ChannelRule> channels;
    std::vector<ConflictRule> conflicts;
    const core::Clock* clock = nullptr;
    core::Random* random = nullptr;
    std::shared_ptr<spdlog::logger> log;

    std::size_t commitOpsMax = 2'000;       ///< ops in one transaction
    std::size_t commitBytesMax = 4U << 20;  ///< bytes in one transaction
    std::size_t queueOpsMax = 50'000;       ///< waiting for a storage's writer; then 1404
    std::size_t queueBytesMax = 64U << 20;
    std::size_t recordBytesMax = 1U << 20;    ///< a record's JSON text; beyond: 1203
    std::size_t channelRecordsMax = 100'000;  ///< beyond: 1203
    std::size_t patchStepsMax = 1'000;        ///< of one `patch`; beyond: 1203
    std::size_t batchOpsMax = 500;            ///< of one batch; beyond: 1203
    std::size_t batchBytesMax = 512U << 10;   ///< what an atomic one writes and overwrites: 1203
    std::size_t depthMax = 64;                ///< of a record, by ops that reach into it: 1203
    std::size_t stampsMax = 1'000;            ///< per record, before they collapse
    std::size_t conflictsMax = 1'000;         ///< kept and open in a channel; beyond: told only
    std::size_t outcomesMax = 10'000;         ///< kept per stream and not `done`; beyond: 1404
    std::size_t outcomesBytesMax = 8U << 20;  ///< the same, of their answers; beyond: 1404
    std::size_t keysMax = 100'000;            ///< Idempotency-Keys per channel; beyond: 1404
    std::size_t catchUpFrameBytesMax = 256U << 10;
    std::int64_t streamAgeMsMax = 30LL * 24 * 3600 * 1000;
    std::size_t checkpointOpsMax = 5'000;  ///< entries behind one, or up to a quarter fewer
    std::size_t readThreads = 2;
    std::size_t readQueueMax = 10'000;
    std::size_t logMemoryBytesMax = 4U << 20;  ///< of each channel's log, kept in memory
    std::size_t channelsLoadedMax = 10'000;    ///< beyond: those without subscribers are unloaded
    std::int64_t channelIdleMs = 600'000;      ///< without subscribers and requests; then unloaded

    std::size_t catchUpBytesMax = 256U << 20;  ///< of frames for those who catch up, all together
    std::size_t signalQueueBytesMax = 16U << 20;   ///< on the way to one shard; beyond: dropped
    std::size_t presenceMembersMax = 1'000;        ///< in one channel; beyond: 1403
    std::size_t presenceStateBytesMax = 4U << 10;  ///< of one member, as JSON text; beyond: 1203
    std::size_t presenceBytesMax = 64U << 20;      ///< of all members together; beyond: 1403
    std::int64_t presenceGraceMs = 10'000;         ///< a member that comes back within never left

    /// False: no threads are started, and Directory::runBackground() does their work, so that a
    /// simulation decides when a commit or a read happens.
    bool threads = true;

    /// Called by a writer thread as it goes from phase to phase. Tests only; empty in production.
    void (*onPhase)(CommitPhase) = nullptr;
};

}  // namespace syncline::channel
