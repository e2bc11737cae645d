// SPDX-License-Identifier: Apache-2.0
// The sections that only hold numbers and words.
#include "settings/sections.h"

namespace syncline::settings {

namespace {

constexpr std::int64_t second = 1'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t KiB = 1 << 10;
constexpr std::int64_t MiB = 1 << 20;
constexpr std::int64_t GiB = 1 << 30;

Table<ServerSettings> makeServerTable() {
    constexpr Range shards{1, 256};
    Table<ServerSettings> table;
    table.key({"shards", "number or auto", "auto", "1 to 256",
               "Threads that serve connections and channels; auto is one per core.",
               R"({"oneOf":[{"const":"auto"},{"type":"integer","minimum":1,"maximum":256}]})"},
              [=](const Node& node, ServerSettings& into, Reader& reader) {
                  if (node.isScalar() && node.text == "auto") return;
                  into.shards = reader.integer(node, "shards", shards).value_or(0);
              });
    table.duration("drain_timeout", &ServerSettings::drainTimeoutMs, {0, hour},
                   "How long a shutdown waits, behind `drain.notice`, for writes to finish and "
                   "clients to leave.");
    table.duration("watchdog", &ServerSettings::watchdogMs, {100, minute},
                   "A shard that makes no progress for this long is reported, with the plugin "
                   "that holds it.");
    table.key({"backups", "folder", "", "",
               "Where a listener with `admin` has copies of storages written when it is asked to; "
               "made when it is missing. Without it none are written.",
               R"({"type":"string","minLength":1})"},
              [](const Node& node, ServerSettings& into, Reader& reader) {
                  const auto path = reader.text(node, "backups");
                  if (path && !path->empty()) into.backups = reader.resolve(*path).string();
              });
    return table;
}

Table<DrainSettings> makeDrainTable() {
    using D = DrainSettings;
    Table<D> table;
    table.duration("notice", &D::noticeMs, {0, hour},
                   "How long /readyz says 503 while everything is still taken, so that a load "
                   "balancer looks elsewhere first.");
    table.duration("calls", &D::callsMs, {0, hour},
                   "How long messages that are in their stages may take to end, at most half of "
                   "`server.drain_timeout`; beyond it they are answered 1502.");
    table.count("per_second", &D::perSecond, {1, 1'000'000},
                "How many clients are told to go in a second; more if they would not all be told "
                "within `server.drain_timeout`.");
    table.duration("retry_after", &D::retryAfterMs, {0, hour},
                   "How long clients are told to stay away: as long as a restart takes.");
    table.duration("spread", &D::spreadMs, {0, hour},
                   "Each is told up to this much more, at random, so that they do not all come "
                   "back at once.");
    return table;
}

Table<LimitSettings> makeLimitsTable() {
    using L = LimitSettings;
    Table<L> table;
    table.count("connections", &L::connectionsMax, {1, 1'000'000}, "Connections at one time.");
    table.count("subscriptions", &L::subscriptionsMax, {1, 100'000},
                "Channels that one connection follows.");
    table.count("channels_loaded", &L::channelsLoadedMax, {16, 10'000'000},
                "Channels in memory; beyond it those that nobody follows are unloaded, and at "
                "twice as many in use the next one answers busy.");
    table.count("channel_records", &L::channelRecordsMax, {1, 10'000'000},
                "Records of one channel, and those that were deleted and are in its log still.");
    table.count("pending_per_connection", &L::pendingPerConnectionMax, {1, 10'000},
                "Messages of one connection that wait for a stage or a commit; beyond it reading "
                "pauses.");
    table.size("outbox_bytes", &L::outboxBytesMax, {4 * KiB, GiB},
               "What waits to be sent to one connection before it counts as slow.");
    table.size("outbox_total_bytes", &L::outboxTotalBytesMax, {MiB, 1024 * GiB},
               "What waits to be sent to all connections together.");
    table.size(
        "socket_bytes", &L::socketBytesMax, {4 * KiB, GiB},
        "What the system holds for one connection and has not sent, before more waits in the "
        "outbox.");
    table.size("message_bytes", &L::messageBytesMax, {KiB, 64 * MiB}, "One message of a client.");
    table.count("messages_per_frame", &L::messagesPerFrameMax, {1, 10'000},
                "Messages in one array.");
    table.count("depth", &L::depthMax, {4, 64}, "Arrays and objects inside each other.");
    table.count("malformed", &L::malformedMax, {0, 1'000},
                "Malformed messages of one connection before it is closed with 4501.");
    table.size("record_bytes", &L::recordBytesMax, {64, 64 * MiB}, "One record as JSON.");
    table.size("answer_bytes", &L::answerBytesMax, {64 * KiB, 64 * GiB},
               "Answers of several messages that wait for room at one connection; they count "
               "into `outbox_total_bytes`.");
    table.size("catch_up_total_bytes", &L::catchUpTotalBytesMax, {MiB, 1024 * GiB},
               "What was written for all who catch up and has not been taken; beyond it who "
               "subscribes is asked to wait.");
    table.size("signal_bytes", &L::signalBytesMax, {256, 64 * MiB},
               "One message that is not stored, as its receivers get it; at most half of "
               "`outbox_bytes`.");
    table.size("signal_queue_bytes", &L::signalQueueBytesMax, {64 * KiB, 64 * GiB},
               "Such messages on their way from one shard to another; beyond it they are dropped.");
    table.count("presence_members", &L::presenceMembersMax, {1, 1'000'000},
                "Clients that are present in one channel.");
    table.size("presence_state_bytes", &L::presenceStateBytesMax, {16, 64 * KiB},
               "What one of them says of itself, as JSON.");
    table.size("presence_total_bytes", &L::presenceTotalBytesMax, {64 * KiB, 64 * GiB},
               "All who are present, in all channels together.");
    table.count("batch_ops", &L::batchOpsMax, {1, 10'000}, "Ops in one batch.");
    table.size("batch_bytes", &L::batchBytesMax, {KiB, 64 * MiB},
               "What the ops of one atomic batch write and overwrite, together.");
    table.count("patch_steps", &L::patchStepsMax, {1, 100'000}, "Steps in one JSON patch.");
    table.count("stamps", &L::stampsMax, {8, 65'536},
                "Paths of one record whose last change is remembered one by one.");
    table.count("conflicts", &L::conflictsMax, {1, 100'000},
                "Conflicts of one channel that are kept for somebody to resolve.");
    table.count("inbox_tasks", &L::inboxTasksMax, {64, 10'000'000},
                "Tasks that wait for one shard.");
    table.size("header_bytes", &L::headerBytesMax, {KiB, MiB}, "The head of one HTTP request.");
    table.size("body_bytes", &L::bodyBytesMax, {KiB, 64 * MiB}, "The body of one HTTP request.");
    table.count("blocking_threads", &L::blockingThreadsMax, {1, 256},
                "Threads for the calls of plugins that declare themselves blocking.");
    table.count("blocking_calls", &L::blockingCallsMax, {1, 100'000},
                "Calls of one blocking plugin instance that wait or run; beyond it they answer "
                "busy.");
    table.count("metric_series", &L::metricSeriesMax, {10, 1'000'000},
                "Sets of labels of one metric; what comes beyond is added up under the label value "
                "`other`.");
    table.count("stats_items", &L::statsItemsMax, {1, 100'000},
                "Entries of one list in /api/stats.");
    table.count("events", &L::eventsMax, {1, 10'000'000},
                "Events that wait for their pipelines, on one shard; beyond it they are dropped "
                "and counted.");
    table.count("events_under_way", &L::eventsUnderWayMax, {1, 100'000},
                "Events that are in their pipelines, on one shard.");
    return table;
}

Table<CommitSettings> makeCommitTable() {
    using C = CommitSettings;
    Table<C> table;
    table.count("ops_max", &C::opsMax, {1, 100'000}, "Ops in one transaction.");
    table.size("bytes_max", &C::bytesMax, {4 * KiB, GiB}, "Bytes in one transaction.");
    table.count("queue_ops_max", &C::queueOpsMax, {1, 10'000'000},
                "Ops that wait for the writer of one storage; beyond it reading pauses.");
    table.size("queue_bytes_max", &C::queueBytesMax, {4 * KiB, 64 * GiB}, "The same in bytes.");
    return table;
}

Table<StreamSettings> makeStreamsTable() {
    using S = StreamSettings;
    Table<S> table;
    table.duration("age", &S::ageMs, {minute, 3650 * day},
                   "How long after its last use a client's counter is remembered: so long may it "
                   "stay away and resend safely.");
    table.duration("queue_age", &S::queueAgeMs, {minute, 3650 * day},
                   "How long a client may keep an op that it has sent and that is not settled; "
                   "clients are told. At most `age`, or a verdict could be forgotten before the op "
                   "comes again.");
    table.count("outcomes", &S::outcomesMax, {1, 10'000'000},
                "Verdicts kept for one client and channel that it has not confirmed.");
    table.count("keys", &S::keysMax, {1, 10'000'000},
                "Writes with an Idempotency-Key that one channel remembers, as long as `age`; "
                "beyond it they answer busy.");
    return table;
}

Table<ApiSettings> makeApiTable() {
    using A = ApiSettings;
    Table<A> table;
    table.duration("deadline", &A::deadlineMs, {100, 10 * minute},
                   "How long a request waits for its messages to be settled.");
    table.count("messages", &A::messagesMax, {1, 10'000}, "Messages in one request.");
    table.count("cursors", &A::cursorsMax, {1, 10'000}, "Cursors in one request.");
    table.size("response_bytes", &A::responseBytesMax, {4 * KiB, GiB},
               "What one request may be answered; of a longer catch-up it gets the beginning.");
    table.count("ops", &A::opsMax, {1, 100'000}, "Ops of a channel's log in one answer.");
    table.count("event_channels", &A::eventChannelsMax, {1, 16},
                "Channels of one stream of events: their cursors must fit a header.");
    table.duration("event_retry", &A::eventRetryMs, {0, hour},
                   "After which pause a stream of events that ended is opened again.");
    table.duration("ticket_life", &A::ticketLifeMs, {second, hour},
                   "How long a ticket for a stream of events may be used, once.");
    table.count("tickets", &A::ticketsMax, {1, 10'000'000}, "Tickets that wait to be used.");
    return table;
}

Table<HeartbeatSettings> makeHeartbeatTable() {
    using H = HeartbeatSettings;
    Table<H> table;
    table.duration("interval", &H::intervalMs, {second, hour},
                   "A ping goes to a connection that was silent for this long.");
    table.duration("pong_timeout", &H::pongTimeoutMs, {100, hour},
                   "A connection whose pong is later than this is closed with 4003.");
    return table;
}

Table<TimeoutSettings> makeTimeoutsTable() {
    using T = TimeoutSettings;
    Table<T> table;
    table.duration("handshake", &T::handshakeMs, {100, hour},
                   "From the accepted socket to the complete upgrade.");
    table.duration("session", &T::helloMs, {100, hour},
                   "From the upgrade to an accepted session; then 4502.");
    table.duration("header", &T::headerMs, {100, hour}, "For the head of an HTTP request.");
    table.duration("body", &T::bodyMs, {100, hour}, "For the body of an HTTP request.");
    table.duration("idle", &T::idleMs, {100, day}, "Between two requests on one HTTP connection.");
    table.duration("presence", &T::presenceMs, {0, hour},
                   "How long who has lost the connection still counts as present: one that comes "
                   "back within it never left.");
    table.duration("channel_idle", &T::channelIdleMs, {100, 365 * day},
                   "How long a channel that nobody follows or asks for stays in memory.");
    return table;
}

Table<LogSettings> makeLogTable() {
    Table<LogSettings> table;
    table.choice("level", &LogSettings::level, {"debug", "info", "warning", "error"},
                 "The least important line that is written.");
    table.choice("format", &LogSettings::format, {"text", "json"},
                 "Lines for people, or one JSON object per line.");
    return table;
}

Table<HistorySettings> makeHistoryTable() {
    using H = HistorySettings;
    Table<H> table;
    table.count("ops", &H::opsMax, {0, 100'000'000}, "Ops kept in the log of one channel.");
    table.size("bytes", &H::bytesMax, {0, 1024 * GiB}, "Bytes kept in the log of one channel.");
    table.duration("age", &H::ageMs, {0, 36500 * day}, "How long an op stays in the log.");
    return table;
}

}  // namespace

const Table<ServerSettings>& serverTable() {
    static const auto table = makeServerTable();
    return table;
}

const Table<DrainSettings>& drainTable() {
    static const auto table = makeDrainTable();
    return table;
}

const Table<LimitSettings>& limitsTable() {
    static const auto table = makeLimitsTable();
    return table;
}

const Table<CommitSettings>& commitTable() {
    static const auto table = makeCommitTable();
    return table;
}

const Table<StreamSettings>& streamsTable() {
    static const auto table = makeStreamsTable();
    return table;
}

const Table<ApiSettings>& apiTable() {
    static const auto table = makeApiTable();
    return table;
}

const Table<HeartbeatSettings>& heartbeatTable() {
    static const auto table = makeHeartbeatTable();
    return table;
}

const Table<TimeoutSettings>& timeoutsTable() {
    static const auto table = makeTimeoutsTable();
    return table;
}

const Table<LogSettings>& logTable() {
    static const auto table = makeLogTable();
    return table;
}

const Table<HistorySettings>& historyTable() {
    static const auto table = makeHistoryTable();
    return table;
}

}  // namespace syncline::settings
