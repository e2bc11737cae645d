// SPDX-License-Identifier: Apache-2.0
#include "app/layer_settings.h"

#include <algorithm>

namespace syncline::app {

namespace {

template <class Number>
std::size_t toSize(Number number) {
    return static_cast<std::size_t>(number);
}

gateway::ApiSettings apiSettingsOf(const settings::Settings& settings) {
    gateway::ApiSettings api;
    api.deadlineMs = settings.api.deadlineMs;
    api.messagesMax = toSize(settings.api.messagesMax);
    api.depthMax = toSize(settings.limits.depthMax);
    api.cursorsMax = toSize(settings.api.cursorsMax);
    api.responseBytesMax = toSize(settings.api.responseBytesMax);
    api.opsMax = toSize(settings.api.opsMax);
    api.eventChannelsMax = toSize(settings.api.eventChannelsMax);
    api.eventRetryMs = settings.api.eventRetryMs;
    api.ticketLifeMs = settings.api.ticketLifeMs;
    api.ticketsMax = toSize(settings.api.ticketsMax);
    return api;
}

channel::SlowConsumer slowConsumerOf(settings::SlowConsumer policy) {
    switch (policy) {
        case settings::SlowConsumer::recover:
            return channel::SlowConsumer::recover;
        case settings::SlowConsumer::conflate:
            return channel::SlowConsumer::conflate;
        case settings::SlowConsumer::disconnect:
            return channel::SlowConsumer::disconnect;
    }
    return channel::SlowConsumer::recover;
}

}  // namespace

net::ReactorLimits reactorLimitsOf(const settings::Settings& settings) {
    net::ReactorLimits limits;
    limits.inboxTasksMax = toSize(settings.limits.inboxTasksMax);
    limits.outboxBytesMax = toSize(settings.limits.outboxBytesMax);
    // Updates for all must not take the room of an answer: who gets none is closed.
    limits.outboxBytesKept = limits.outboxBytesMax / 8;
    limits.socketBytesMax = toSize(settings.limits.socketBytesMax);
    limits.outboxBytesLow = limits.outboxBytesMax / 4;
    return limits;
}

session::SessionSettings sessionSettingsOf(const settings::Settings& settings) {
    session::SessionSettings session;
    session.helloMs = settings.timeouts.helloMs;
    session.heartbeatMs = settings.heartbeat.intervalMs;
    session.pongMs = settings.heartbeat.pongTimeoutMs;
    session.messagesPerFrameMax = toSize(settings.limits.messagesPerFrameMax);
    session.depthMax = toSize(settings.limits.depthMax);
    session.malformedMax = toSize(settings.limits.malformedMax);
    session.subscriptionsMax = toSize(settings.limits.subscriptionsMax);
    session.pendingMax = toSize(settings.limits.pendingPerConnectionMax);
    session.messageBytesMax = toSize(settings.limits.messageBytesMax);
    // Like a record, a signal goes out in one frame.
    session.signalBytesMax =
        toSize(std::min(settings.limits.signalBytesMax, settings.limits.outboxBytesMax / 2));
    session.answerBytesMax = toSize(settings.limits.answerBytesMax);
    session.queueAgeMsMax = settings.streams.queueAgeMs;
    session.batchOpsMax = toSize(settings.limits.batchOpsMax);
    session.catchUpRoomBytes = toSize(settings.limits.outboxBytesMax) / 2;
    return session;
}

gateway::GatewaySettings gatewaySettingsOf(const settings::Settings& settings) {
    gateway::GatewaySettings gateway;
    gateway.http.headerBytesMax = toSize(settings.limits.headerBytesMax);
    gateway.http.bodyBytesMax = toSize(settings.limits.bodyBytesMax);
    gateway.frames.messageBytesMax = toSize(settings.limits.messageBytesMax);
    gateway.handshakeMs = settings.timeouts.handshakeMs;
    gateway.headerMs = settings.timeouts.headerMs;
    gateway.bodyMs = settings.timeouts.bodyMs;
    gateway.idleMs = settings.timeouts.idleMs;
    gateway.api = apiSettingsOf(settings);
    return gateway;
}

channel::DirectorySettings directorySettingsOf(const settings::Settings& settings) {
    channel::DirectorySettings directory;
    for (const settings::ChannelRule& rule : settings.channels) {
        directory.channels.push_back(
            {rule.match, rule.storage, static_cast<std::uint64_t>(rule.history.opsMax),
             static_cast<std::uint64_t>(rule.history.bytesMax), rule.history.ageMs,
             slowConsumerOf(rule.slowConsumer), rule.presence});
    }
    directory.commitOpsMax = toSize(settings.commit.opsMax);
    directory.commitBytesMax = toSize(settings.commit.bytesMax);
    directory.queueOpsMax = toSize(settings.commit.queueOpsMax);
    directory.queueBytesMax = toSize(settings.commit.queueBytesMax);
    directory.recordBytesMax = toSize(settings.limits.recordBytesMax);
    directory.channelsLoadedMax = toSize(settings.limits.channelsLoadedMax);
    directory.channelRecordsMax = toSize(settings.limits.channelRecordsMax);
    directory.channelIdleMs = settings.timeouts.channelIdleMs;
    directory.stampsMax = toSize(settings.limits.stampsMax);
    directory.conflictsMax = toSize(settings.limits.conflictsMax);
    directory.patchStepsMax = toSize(settings.limits.patchStepsMax);
    directory.batchOpsMax = toSize(settings.limits.batchOpsMax);
    // Its update is one message, which must fit an outbox that is half full.
    directory.batchBytesMax =
        std::min(toSize(settings.limits.batchBytesMax), toSize(settings.limits.outboxBytesMax) / 2);
    directory.depthMax = toSize(settings.limits.depthMax);
    directory.outcomesMax = toSize(settings.streams.outcomesMax);
    directory.keysMax = toSize(settings.streams.keysMax);
    directory.streamAgeMsMax = settings.streams.ageMs;
    directory.catchUpBytesMax = toSize(settings.limits.catchUpTotalBytesMax);
    directory.signalQueueBytesMax = toSize(settings.limits.signalQueueBytesMax);
    directory.presenceMembersMax = toSize(settings.limits.presenceMembersMax);
    directory.presenceStateBytesMax = toSize(settings.limits.presenceStateBytesMax);
    directory.presenceBytesMax = toSize(settings.limits.presenceTotalBytesMax);
    directory.presenceGraceMs = settings.timeouts.presenceMs;
    // A frame of a snapshot must fit an outbox that is half full.
    directory.catchUpFrameBytesMax =
        std::min(directory.catchUpFrameBytesMax, toSize(settings.limits.outboxBytesMax) / 4);
    return directory;
}

}  // namespace syncline::app
