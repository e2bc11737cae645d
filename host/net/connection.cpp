// SPDX-License-Identifier: Apache-2.0
#include "net/connection.h"

#include <Poco/Exception.h>
#include <sys/socket.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/reactor.h"

namespace syncline::net {

namespace {

/// How often a connection that the budget refused asks whether there is room again.
constexpr std::int64_t kRoomRetryMs = 50;

}  // namespace

std::string_view nameOf(CloseReason reason) {
    switch (reason) {
        case CloseReason::peerClosed:
            return "peer closed";
        case CloseReason::peerReset:
            return "peer reset";
        case CloseReason::finished:
            return "finished";
        case CloseReason::flushTimedOut:
            return "flush timed out";
        case CloseReason::aborted:
            return "aborted";
        case CloseReason::inputOverLimit:
            return "input over limit";
        case CloseReason::outOfMemory:
            return "out of memory for those who do not read";
        case CloseReason::serverStopping:
            return "server stopping";
    }
    return "unknown";
}

Connection::Connection(Reactor& reactor, Poco::Net::StreamSocket socket,
                       std::optional<ConnectionLimit::Place> place)
    : reactor_(reactor),
      socket_(std::move(socket)),
      descriptor_(socket_.impl()->sockfd()),
      limitPlace_(std::move(place)) {}

Connection::~Connection() = default;

SendStatus Connection::send(std::string_view bytes, std::string_view more) {
    if (state_ != State::open) return SendStatus::closed;
    const std::size_t size = bytes.size() + more.size();
    if (size == 0) return SendStatus::queued;
    if (!fits(size) || !reactor_.purse_.take(size, purpose())) return refuse();
    outbox_.append(bytes);
    outbox_.append(more);
    touch();
    return SendStatus::queued;
}

SendStatus Connection::sendShared(core::SharedBytes bytes) {
    const std::size_t length = bytes->size();
    return sendShared(std::move(bytes), 0, length);
}

SendStatus Connection::sendShared(core::SharedBytes bytes, std::size_t offset, std::size_t length) {
    if (state_ != State::open) return SendStatus::closed;
    if (length == 0) return SendStatus::queued;
    if (!fits(length + reactor_.limits().outboxBytesKept)) return refuse();
    // Bytes that leave with this tick are in memory once for all; those that wait are counted.
    if (backlogged_ && !reactor_.purse_.hasRoom(length, BudgetPurse::For::shared)) return refuse();
    outbox_.appendShared(std::move(bytes), offset, length);
    touch();
    return SendStatus::queued;
}

void Connection::pauseReading() {
    if (paused_) return;
    paused_ = true;
    touch();
}

void Connection::resumeReading() {
    if (!paused_) return;
    paused_ = false;
    queueReread();
    touch();
}

void Connection::replaceHandler(std::unique_ptr<ConnectionHandler> handler) {
    // The caller may well be a method of the old one: it goes when the loop has control again.
    nextHandler_ = std::move(handler);
    touch();
}

bool Connection::hold(std::size_t bytes) {
    if (!reactor_.purse_.take(bytes, purpose())) return false;
    heldBytes_ += bytes;
    return true;
}

void Connection::release(std::size_t bytes) {
    assert(bytes <= heldBytes_);
    heldBytes_ -= bytes;
    reactor_.purse_.give(bytes, purpose());
}

void Connection::closeAfterFlush(std::int64_t timeoutMs, std::string_view goodbye) {
    if (state_ != State::open) return;
    reactor_.purse_.takeAnyway(goodbye.size(), purpose());
    outbox_.append(goodbye);
    state_ = State::flushing;
    reason_ = CloseReason::finished;
    std::string().swap(unconsumed_);
    closeTimer_ = reactor_.timers().start(reactor_.nowMs(), timeoutMs, [this] {
        close(state_ == State::lingering ? reason_ : CloseReason::flushTimedOut);
    });
    touch();
}

std::string Connection::peerAddress() const {
    try {
        return socket_.peerAddress().toString();
    } catch (const Poco::Exception&) {
        return {};
    }
}

void Connection::onReady(Readiness ready) {
    if (state_ == State::closed) return;
    if (ready.writable) {
        flush();
        touch();
    }
    if (ready.readable && interest_.readable) {
        if (state_ == State::open) {
            readAll();
        } else {
            discardInput();
        }
    } else if (ready.broken) {
        close(CloseReason::peerReset);
    }
}

void Connection::readAll() {
    const ReactorLimits& limits = reactor_.limits();
    for (std::size_t turn = 0; turn < limits.readTurnsPerTick; ++turn) {
        // A queued rest is delivered first, at the beginning of the next tick.
        if (!isReading() || rereadQueued_) return;
        if (readOnce() < limits.readBytesPerTurn) return;
    }
}

std::size_t Connection::readOnce() {
    const std::size_t held = unconsumed_.size();
    assert(held <= reactor_.limits().inputBytesMax);
    char* buffer = reactor_.readBuffer_.get();
    const std::size_t size = receive(buffer + held);
    if (size == 0) return 0;
    std::memcpy(buffer, unconsumed_.data(), held);
    deliver({buffer, held + size});
    return size;
}

/// Bytes read into `buffer`, at most `readBytesPerTurn`; 0 when there are none now or ever.
std::size_t Connection::receive(char* buffer) {
    ssize_t size;
    do {
        size = ::recv(descriptor_, buffer, reactor_.limits().readBytesPerTurn, 0);
    } while (size < 0 && errno == EINTR);
    Reactor::count(reactor_.receives_);
    if (size > 0) {
        bytesIn_ += static_cast<std::size_t>(size);
        Reactor::count(reactor_.bytesIn_, static_cast<std::size_t>(size));
        return static_cast<std::size_t>(size);
    }
    if (size == 0) {
        endOfInput();
    } else if (errno != EAGAIN && errno != EWOULDBLOCK) {
        close(state_ == State::lingering ? reason_ : CloseReason::peerReset);
    }
    return 0;
}

/// A resumed connection gets what it left, before anything new is read.
void Connection::deliverUnconsumed() {
    rereadQueued_ = false;
    if (!isReading() || unconsumed_.empty()) return;
    std::string bytes = std::exchange(unconsumed_, {});
    deliver(bytes);
}

/// `bytes` are all there are, and not in `unconsumed_`, which takes what is left of them.
void Connection::deliver(std::span<char> bytes) {
    const std::span<char> rest = bytes.subspan(callHandler(bytes));
    if (state_ != State::open || rest.empty()) {
        std::string().swap(unconsumed_);
        return;
    }
    unconsumed_.assign(rest.data(), rest.size());
    const bool wantsMore = isReading() && !rereadQueued_;
    if (wantsMore && rest.size() > reactor_.limits().inputBytesMax) {
        close(CloseReason::inputOverLimit);
    }
}

std::size_t Connection::callHandler(std::span<char> bytes) {
    std::size_t consumed = 0;
    delivering_ = true;
    do {
        if (nextHandler_) handler_ = std::move(nextHandler_);
        consumed += handler_->onBytes(bytes.subspan(consumed));
        assert(consumed <= bytes.size());
    } while (nextHandler_ && consumed < bytes.size() && isReading());
    delivering_ = false;
    return consumed;
}

void Connection::queueReread() {
    // While the handler runs, it is not known yet whether it will leave anything.
    if (rereadQueued_ || (unconsumed_.empty() && !delivering_)) return;
    rereadQueued_ = true;
    reactor_.rereads_.push_back(this);
}

void Connection::discardInput() {
    const ReactorLimits& limits = reactor_.limits();
    for (std::size_t turn = 0; turn < limits.readTurnsPerTick; ++turn) {
        if (receive(reactor_.readBuffer_.get()) < limits.readBytesPerTurn) return;
    }
}

void Connection::endOfInput() {
    inputEnded_ = true;
    if (state_ == State::open) {
        // What was answered in this tick is still sent to a peer that only ended its direction.
        state_ = State::flushing;
        reason_ = CloseReason::peerClosed;
    } else if (state_ == State::lingering) {
        close(reason_);
    }
    touch();
}

bool Connection::fits(std::size_t bytes) const {
    const std::size_t bytesMax = reactor_.limits().outboxBytesMax;
    return outbox_.bytes() <= bytesMax && bytes <= bytesMax - outbox_.bytes();
}

BudgetPurse::For Connection::purpose() const {
    return backlogged_ ? BudgetPurse::For::backlog : BudgetPurse::For::output;
}

SendStatus Connection::refuse() {
    overLimit_ = true;
    // With so little in the outbox no flush will tell when there is room: the budget is short.
    if (outbox_.bytes() <= reactor_.limits().outboxBytesLow) retryRoomLater();
    return SendStatus::overLimit;
}

void Connection::retryRoomLater() {
    if (roomTimer_ != core::TimerWheel::Id{}) return;
    roomTimer_ = reactor_.timers().start(reactor_.nowMs(), kRoomRetryMs, [this] {
        roomTimer_ = {};
        callIfDrained();
    });
}

void Connection::flush() {
    if (!outbox_.empty()) writeSegments();
    callIfDrained();
}

void Connection::writeSegments() {
    bool refused = false;
    while (!outbox_.empty() && !refused) {
        std::array<iovec, Outbox::kVectorsMax> vectors;
        msghdr message{};
        message.msg_iov = vectors.data();
        message.msg_iovlen = outbox_.gather(vectors);
        std::size_t offered = 0;
        for (std::size_t i = 0; i < message.msg_iovlen; ++i) offered += vectors[i].iov_len;

        const ssize_t sent = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
        Reactor::count(reactor_.sends_);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
            close(CloseReason::peerReset);
            return;
        }
        const std::size_t taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
        giveBack(outbox_.consume(taken));
        bytesOut_ += taken;
        Reactor::count(reactor_.bytesOut_, taken);
        refused = taken < offered;
    }
    // What was counted as output waits now, or what waited does not any more. With so many that do
    // not read, one more of them cannot be had.
    if (refused && !backlogged_ && !reactor_.purse_.defer(outbox_.ownBytes() + heldBytes_)) {
        return close(CloseReason::outOfMemory);
    }
    if (!refused && backlogged_) reactor_.purse_.resume(heldBytes_);
    backlogged_ = refused;
    if (backlogged_) settle();
}

void Connection::settle() {
    reactor_.purse_.takeAnyway(outbox_.settle(), BudgetPurse::For::shared);
}

void Connection::giveBack(Outbox::Charged charged) {
    reactor_.purse_.give(charged.own, purpose());
    reactor_.purse_.give(charged.shared, BudgetPurse::For::shared);
}

void Connection::callIfDrained() {
    if (!overLimit_ || state_ != State::open) return;
    if (outbox_.bytes() > reactor_.limits().outboxBytesLow) return;
    const bool hasRoom = reactor_.purse_.hasRoom(1, purpose()) &&
                         (!backlogged_ || reactor_.purse_.hasRoom(1, BudgetPurse::For::shared));
    if (!hasRoom) {
        retryRoomLater();
        return;
    }
    overLimit_ = false;
    reactor_.timers().stop(std::exchange(roomTimer_, {}));
    handler_->onDrained();
}

/// The connection's part of the end of a tick.
void Connection::finishTick() {
    touched_ = false;
    if (nextHandler_) {
        handler_ = std::move(nextHandler_);
        queueReread();
    }
    if (state_ == State::closed) return;
    if (backlogged_) {
        // The kernel said no; EPOLLOUT will say when to ask again.
        settle();
    } else {
        flush();
    }
    if (state_ == State::flushing) finishFlushing();
    updateInterest();
}

void Connection::finishFlushing() {
    const bool gone = reason_ == CloseReason::peerClosed;
    if (!outbox_.empty() && !gone) return;
    if (inputEnded_) {
        close(reason_);
        return;
    }
    ::shutdown(descriptor_, SHUT_WR);
    state_ = State::lingering;
}

void Connection::updateInterest() {
    if (state_ == State::closed) return;
    Readiness wanted;
    wanted.readable = state_ == State::open ? !paused_ : !inputEnded_;
    wanted.writable = backlogged_;
    if (wanted == interest_) return;
    interest_ = wanted;
    reactor_.poller_->modify(descriptor_, interest_, *this);
}

void Connection::close(CloseReason reason) {
    if (state_ == State::closed) return;
    state_ = State::closed;
    reason_ = reason;
    reactor_.closed_.push_back(this);
}

void Connection::touch() {
    if (touched_) return;
    touched_ = true;
    reactor_.touched_.push_back(this);
}

}  // namespace syncline::net
