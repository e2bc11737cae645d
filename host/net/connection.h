// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Poco/Net/StreamSocket.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/shared_bytes.h"
#include "core/timer_wheel.h"
#include "net/connection_handler.h"
#include "net/connection_limit.h"
#include "net/memory_budget.h"
#include "net/outbox.h"
#include "net/poller.h"

namespace syncline::net {

class Reactor;

/// Answer to a send.
enum class SendStatus {
    queued,     ///< goes out at the end of this tick, or as soon as the peer takes it
    overLimit,  ///< nothing of it was queued: the outbox or the server's budget is full
    closed,     ///< the connection is ending; nothing of it was queued
};

/// One accepted socket. Sends gather in the outbox and leave with one system call at the end of
/// the tick, in the order in which they were made. An idle connection holds no buffer: bytes are
/// read into the shard's one buffer, and only what the handler could not use yet is kept.
///
///     open --closeAfterFlush--> flushing --all sent--> lingering --end of input--> closed
///     (lingering: our direction is shut down and input is thrown away until the peer ends its
///     own, because closing a socket with unread input would destroy what we sent last)
///
/// Owned by its reactor for life, destroyed at the end of the tick in which it closed.
/// [the reactor's thread]
class Connection final : private Pollable {
public:
    Connection(Reactor& reactor, Poco::Net::StreamSocket socket,
               std::optional<ConnectionLimit::Place> place);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Copies `bytes` into the outbox, and `more` behind them: both, or nothing.
    SendStatus send(std::string_view bytes, std::string_view more = {});

    /// Queues a reference to `length` bytes at `offset`.
    SendStatus sendShared(core::SharedBytes bytes, std::size_t offset, std::size_t length);
    SendStatus sendShared(core::SharedBytes bytes);

    /// Stops and starts the calls of onBytes(). Takes effect at once; what was read but not
    /// consumed is kept and delivered in the tick after resumeReading().
    void pauseReading();
    void resumeReading();
    bool isReading() const { return state_ == State::open && !paused_; }

    /// Gives the bytes to another handler, e.g. after an upgrade. The old one is destroyed when the
    /// event loop has control again; what it left unconsumed goes to the new one.
    void replaceHandler(std::unique_ptr<ConnectionHandler> handler);

    /// Sends what is queued, then closes; input is thrown away from now on. A peer that has not
    /// taken it and closed its side within `timeoutMs` is cut off. onClosed() comes after that.
    /// `goodbye`, a few bytes, goes last, even past the limits.
    void closeAfterFlush(std::int64_t timeoutMs, std::string_view goodbye = {});

    /// Counts bytes that the handler keeps for this peer like those in the outbox. False: they are
    /// too many, and not counted.
    [[nodiscard]] bool hold(std::size_t bytes);
    void release(std::size_t bytes);

    /// Closes at the end of this tick without sending more.
    void abort() { close(CloseReason::aborted); }

    bool isOpen() const { return state_ == State::open; }

    std::size_t outboxBytes() const { return outbox_.bytes(); }
    /// Whether the kernel refused bytes that now wait for the peer.
    bool isBacklogged() const { return backlogged_; }
    std::uint64_t bytesIn() const { return bytesIn_; }
    std::uint64_t bytesOut() const { return bytesOut_; }

    /// `192.0.2.1:40000` or `[2001:db8::1]:40000`; empty when the peer is gone already.
    std::string peerAddress() const;

    Reactor& reactor() const { return reactor_; }

private:
    friend class Reactor;

    enum class State : std::uint8_t { open, flushing, lingering, closed };

    void onReady(Readiness ready) override;
    void readAll();
    std::size_t readOnce();
    std::size_t receive(char* buffer);
    void deliverUnconsumed();
    void deliver(std::span<char> bytes);
    std::size_t callHandler(std::span<char> bytes);
    void queueReread();
    void discardInput();
    void endOfInput();
    bool fits(std::size_t bytes) const;
    BudgetPurse::For purpose() const;
    SendStatus refuse();
    void retryRoomLater();
    void flush();
    void writeSegments();
    void settle();
    void giveBack(Outbox::Charged charged);
    void callIfDrained();
    void finishTick();
    void finishFlushing();
    void updateInterest();
    void close(CloseReason reason);
    void touch();

    Reactor& reactor_;
    Poco::Net::StreamSocket socket_;
    int descriptor_;
    std::uint32_t place_ = 0;  ///< in the reactor's list
    std::unique_ptr<ConnectionHandler> handler_;
    std::unique_ptr<ConnectionHandler> nextHandler_;
    std::string unconsumed_;
    Outbox outbox_;
    std::size_t heldBytes_ = 0;
    std::uint64_t bytesIn_ = 0;
    std::uint64_t bytesOut_ = 0;
    core::TimerWheel::Id closeTimer_;
    core::TimerWheel::Id roomTimer_;
    std::optional<ConnectionLimit::Place> limitPlace_;
    Readiness interest_{.readable = true};
    State state_ = State::open;
    CloseReason reason_ = CloseReason::aborted;
    bool paused_ = false;
    bool delivering_ = false;
    bool touched_ = false;
    bool rereadQueued_ = false;
    bool backlogged_ = false;
    bool overLimit_ = false;
    bool inputEnded_ = false;
};

}  // namespace syncline::net
