// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "settings/component_use.h"
#include "settings/scalar.h"
#include "settings/source.h"

/// What a checked configuration says. Every default of the grammar stands here and nowhere else:
/// docs/configuration.md and the editor schema read it from these members. Immutable once loaded.
namespace syncline::settings {

struct ServerSettings {
    std::int64_t shards = 0;  ///< 0: one per core
    std::int64_t drainTimeoutMs = 30'000;
    std::int64_t watchdogMs = 1'000;
    std::string backups;  ///< a folder, absolute; empty: none are written
};

/// Of a shutdown; `server.drain_timeout` is the limit of all of it but the notice.
struct DrainSettings {
    std::int64_t noticeMs = 1'000;
    std::int64_t callsMs = 10'000;
    std::int64_t perSecond = 1'000;
    std::int64_t retryAfterMs = 1'000;
    std::int64_t spreadMs = 5'000;
};

struct TlsSettings {
    std::string certificate;  ///< absolute
    std::string key;          ///< absolute
};

struct ListenerSettings {
    std::string name;
    Address bind;
    std::vector<std::string> origins;
    std::vector<std::string> auth;  ///< names of `Settings::auth`, asked in this order
    std::string cookie;             ///< the one that may hold a token; empty: none
    bool insecure = false;
    bool api = true;
    bool admin = false;
    std::optional<TlsSettings> tls;
    Position position;  ///< of `bind`
};

struct PluginFile {
    std::string path;    ///< absolute
    std::string sha256;  ///< 64 lower-case hex digits, or empty: any content
    Position position;
};

struct PluginsSettings {
    std::vector<std::string> search;                      ///< folders, absolute
    std::vector<std::string> allow = {"dev.syncline.*"};  ///< plugin ids
    std::vector<PluginFile> load;
};

/// A component under the name by which other sections call it.
struct NamedComponent {
    std::string name;
    ComponentUse component;
};

struct ConflictRule {
    std::string channel = "*";
    std::string key = "*";
    std::string path;  ///< a JSON pointer; the rule decides what it names and all beneath it
    ComponentUse strategy;
};

struct HistorySettings {
    std::int64_t opsMax = 10'000;
    std::int64_t bytesMax = 64 << 20;
    std::int64_t ageMs = std::int64_t{7} * 86'400'000;
};

enum class SlowConsumer : std::uint8_t {
    recover,     ///< drop its tail; it catches up from the log
    conflate,    ///< keep the latest value of each record
    disconnect,  ///< close with 4002
};

struct ChannelRule {
    std::string match;
    std::string storage;  ///< a name of `Settings::storage`
    HistorySettings history;
    bool presence = false;
    SlowConsumer slowConsumer = SlowConsumer::recover;
    Position position;
};

struct StageSettings {
    ComponentUse component;
    std::int64_t timeoutMs = 5'000;
};

struct LimitSettings {
    std::int64_t connectionsMax = 20'000;
    std::int64_t subscriptionsMax = 256;
    std::int64_t channelsLoadedMax = 10'000;
    std::int64_t channelRecordsMax = 100'000;
    std::int64_t pendingPerConnectionMax = 64;
    std::int64_t outboxBytesMax = 1 << 20;
    std::int64_t outboxTotalBytesMax = 512 << 20;
    std::int64_t socketBytesMax = 256 << 10;
    std::int64_t messageBytesMax = 1 << 20;
    std::int64_t messagesPerFrameMax = 128;
    std::int64_t depthMax = 32;
    std::int64_t malformedMax = 8;
    std::int64_t answerBytesMax = 16 << 20;
    std::int64_t catchUpTotalBytesMax = 256 << 20;
    std::int64_t signalBytesMax = 64 << 10;
    std::int64_t signalQueueBytesMax = 16 << 20;
    std::int64_t presenceMembersMax = 1'000;
    std::int64_t presenceStateBytesMax = 4 << 10;
    std::int64_t presenceTotalBytesMax = 64 << 20;
    std::int64_t recordBytesMax = 256 << 10;
    std::int64_t batchOpsMax = 500;
    std::int64_t batchBytesMax = 512 << 10;
    std::int64_t patchStepsMax = 1'000;
    std::int64_t stampsMax = 256;
    std::int64_t conflictsMax = 1'000;
    std::int64_t inboxTasksMax = 65'536;
    std::int64_t headerBytesMax = 16 << 10;
    std::int64_t bodyBytesMax = 1 << 20;
    std::int64_t blockingThreadsMax = 8;
    std::int64_t blockingCallsMax = 1'024;
    std::int64_t metricSeriesMax = 1'000;
    std::int64_t statsItemsMax = 1'000;
    std::int64_t eventsMax = 10'000;
    std::int64_t eventsUnderWayMax = 256;
};

struct CommitSettings {
    std::int64_t opsMax = 1'600;
    std::int64_t bytesMax = 4 << 20;
    std::int64_t queueOpsMax = 20'000;
    std::int64_t queueBytesMax = 64 << 20;
};

struct StreamSettings {
    std::int64_t ageMs = std::int64_t{30} * 86'400'000;
    std::int64_t queueAgeMs = std::int64_t{14} * 86'400'000;  ///< told to clients
    std::int64_t outcomesMax = 10'000;
    std::int64_t keysMax = 100'000;
};

/// Of what is asked over HTTP rather than over a WebSocket.
struct ApiSettings {
    std::int64_t deadlineMs = 10'000;
    std::int64_t messagesMax = 128;
    std::int64_t cursorsMax = 64;
    std::int64_t responseBytesMax = 4 << 20;
    std::int64_t opsMax = 1'000;
    std::int64_t eventChannelsMax = 16;
    std::int64_t eventRetryMs = 2'000;
    std::int64_t ticketLifeMs = 30'000;
    std::int64_t ticketsMax = 10'000;
};

struct HeartbeatSettings {
    std::int64_t intervalMs = 25'000;
    std::int64_t pongTimeoutMs = 10'000;
};

struct TimeoutSettings {
    std::int64_t handshakeMs = 10'000;
    std::int64_t helloMs = 10'000;
    std::int64_t headerMs = 10'000;
    std::int64_t bodyMs = 30'000;
    std::int64_t idleMs = 75'000;
    std::int64_t presenceMs = 10'000;
    std::int64_t channelIdleMs = 600'000;
};

enum class LogLevel : std::uint8_t { debug, info, warning, error };
enum class LogFormat : std::uint8_t { text, json };

struct LogSettings {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::text;
};

struct Settings {
    std::filesystem::path file;  ///< absolute; relative paths in it start from its folder
    ServerSettings server;
    DrainSettings drain;
    std::vector<ListenerSettings> listeners;
    PluginsSettings plugins;
    std::vector<NamedComponent> auth;
    std::vector<NamedComponent> storage;
    std::optional<NamedComponent> broker;
    std::vector<ConflictRule> conflict;  ///< the first that matches decides; the last matches all
    std::vector<ChannelRule> channels;   ///< the first that matches decides
    /// By message type, `default` or `event.<name>`, as written: the handler of a type is among its
    /// stages (as the last) only where the file names it.
    std::map<std::string, std::vector<StageSettings>> pipelines;
    std::map<std::string, Position> pipelinePositions;  ///< of the keys
    LimitSettings limits;
    CommitSettings commit;
    StreamSettings streams;
    ApiSettings api;
    HeartbeatSettings heartbeat;
    TimeoutSettings timeouts;
    LogSettings log;
};

}  // namespace syncline::settings
