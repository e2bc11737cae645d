// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace syncline::net {

class Connection;

/// Why a connection ended.
enum class CloseReason {
    peerClosed,      ///< the peer ended its direction
    peerReset,       ///< the socket failed
    finished,        ///< closeAfterFlush(): everything was handed to the kernel
    flushTimedOut,   ///< closeAfterFlush(): the peer did not take it in time
    aborted,         ///< abort()
    inputOverLimit,  ///< the handler left more than `inputBytesMax` unconsumed
    outOfMemory,     ///< the kernel refused bytes, and too many wait for others already
    serverStopping,  ///< the reactor stops
};

std::string_view nameOf(CloseReason reason);

/// What a connection's bytes mean: implemented by the gateway, owned by the connection.
/// Everything is called from the event loop, never from inside a method of Connection.
/// [the connection's shard]
class ConnectionHandler {
public:
    virtual ~ConnectionHandler() = default;

    /// All unconsumed bytes, to be worked on in place. Answers how many were consumed; the rest
    /// comes again, unchanged, in front of what is read next. What was not consumed must not be
    /// altered. After pauseReading() the rest comes again on resumeReading().
    virtual std::size_t onBytes(std::span<char> bytes) = 0;

    /// The outbox has room again after a send was answered `overLimit`.
    virtual void onDrained() {}

    /// The last call; the connection and this handler are destroyed after it.
    virtual void onClosed(CloseReason reason) { static_cast<void>(reason); }
};

/// Makes the handler of an accepted connection. Called on the shard of that connection, so on
/// several threads at once. The connection outlives its handler.
using HandlerFactory = std::function<std::unique_ptr<ConnectionHandler>(Connection&)>;

}  // namespace syncline::net
