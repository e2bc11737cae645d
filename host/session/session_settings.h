// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace syncline::session {

/// Limits of one session; the same for all of a server.
struct SessionSettings {
    std::int64_t helloMs = 10'000;      ///< until a session must be open
    std::int64_t heartbeatMs = 25'000;  ///< of silence before the server pings
    std::int64_t pongMs = 10'000;       ///< to answer that
    std::size_t messagesPerFrameMax = 1'000;
    std::size_t depthMax = 64;      ///< of a message's JSON
    std::size_t malformedMax = 10;  ///< frames that are no messages, before 4501
    std::size_t subscriptionsMax = 1'000;
    std::size_t pendingMax = 1'024;  ///< own messages under way or waiting, before reading pauses
    std::size_t messageBytesMax = 1U << 20;     ///< told to the client
    std::size_t signalBytesMax = 64U << 10;     ///< one message to the others, or to a user
    std::size_t answerBytesMax = 16U << 20;     ///< answers that wait for room at one connection
    std::int64_t queueAgeMsMax = 0;             ///< of ops that clients keep; told to them
    std::size_t batchOpsMax = 500;              ///< of one batch; beyond: 1203
    std::size_t catchUpRoomBytes = 256U << 10;  ///< asked for at once while catching up
};

}  // namespace syncline::session
