// SPDX-License-Identifier: Apache-2.0
#include "net/reactor.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "net/epoll_poller.h"

namespace syncline::net {

namespace {

constexpr int kWaitMsMax = 1000;

/// Looking for the next timer costs more the further ahead it may be; after a tick with work the
/// next event is near, so the search is short.
constexpr int kBusyWaitMsMax = 16;

}  // namespace

Reactor::Reactor(std::size_t index, const core::Clock& clock, MemoryBudget& budget,
                 ReactorLimits limits, std::unique_ptr<Poller> poller)
    : index_(index),
      clock_(clock),
      limits_(limits),
      purse_(budget),
      poller_(poller ? std::move(poller) : std::make_unique<EpollPoller>()),
      inbox_(limits.inboxTasksMax, [this] { poller_->wake(); }),
      timers_(clock.steadyMs()),
      nowMs_(clock.steadyMs()),
      readBuffer_(std::make_unique<char[]>(limits.inputBytesMax + limits.readBytesPerTurn)) {}

Reactor::~Reactor() {
    for (const std::unique_ptr<Connection>& connection : connections_) {
        connection->giveBack(connection->outbox_.clear());
    }
}

bool Reactor::post(core::Task task) {
    if (inbox_.put(std::move(task))) return true;
    tasksRefused_.fetch_add(1, std::memory_order_relaxed);
    return false;
}

void Reactor::postAlways(core::Task task) {
    inbox_.putAlways(std::move(task));
}

bool Reactor::isCurrent() const {
    return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

void Reactor::atTickEnd(core::Task hook) {
    hooks_.push_back(std::move(hook));
}

void Reactor::run() {
    while (!stopping_.load(std::memory_order_acquire)) runOnce(kWaitMsMax);
    closeAll();
}

void Reactor::stop() {
    stopping_.store(true, std::memory_order_release);
    poller_->wake();
}

bool Reactor::runOnce(int waitMsMax) {
    thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    poller_->wait(waitTimeoutMs(waitMsMax));
    nowMs_ = clock_.steadyMs();
    tickStartedMs_.store(std::max<std::int64_t>(nowMs_, 1), std::memory_order_relaxed);
    count(ticks_);

    bool busy = readAgain();
    busy |= poller_->dispatch() > 0;
    busy |= runInbox();
    timers_.advance(nowMs_);
    runTickEndHooks();
    busy |= writeOut();
    destroyClosed();

    tickStartedMs_.store(0, std::memory_order_relaxed);
    wasBusy_ = busy;
    return busy;
}

Connection* Reactor::adopt(Poco::Net::StreamSocket socket, const HandlerFactory& makeHandler,
                           std::optional<ConnectionLimit::Place> place) {
    auto owned = std::make_unique<Connection>(*this, std::move(socket), std::move(place));
    Connection& connection = *owned;
    const int noDelay = 1;
    ::setsockopt(connection.descriptor_, IPPROTO_TCP, TCP_NODELAY, &noDelay, sizeof noDelay);
    if (limits_.socketBytesMax != 0) {
        const auto unsent = static_cast<std::uint32_t>(limits_.socketBytesMax);
        ::setsockopt(connection.descriptor_, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent,
                     sizeof unsent);
    }
    if (!poller_->add(connection.descriptor_, connection.interest_, connection)) return nullptr;
    connection.place_ = static_cast<std::uint32_t>(connections_.size());
    connections_.push_back(std::move(owned));
    count(accepted_);
    open_.store(connections_.size(), std::memory_order_relaxed);
    connection.handler_ = makeHandler(connection);
    assert(connection.handler_ != nullptr);
    return &connection;
}

void Reactor::closeAll() {
    for (const std::unique_ptr<Connection>& connection : connections_) {
        connection->close(CloseReason::serverStopping);
    }
    destroyClosed();
}

std::size_t Reactor::unfinishedCount() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        connections_, [](const auto& one) { return !one->isOpen() || one->outboxBytes() != 0; }));
}

ReactorFigures Reactor::figures() const {
    const auto read = [](const Counter& counter) {
        return counter.load(std::memory_order_relaxed);
    };
    ReactorFigures figures;
    figures.ticks = read(ticks_);
    figures.connectionsOpen = read(open_);
    figures.connectionsAccepted = read(accepted_);
    figures.bytesIn = read(bytesIn_);
    figures.bytesOut = read(bytesOut_);
    figures.receives = read(receives_);
    figures.sends = read(sends_);
    figures.tasksRefused = read(tasksRefused_);
    return figures;
}

int Reactor::waitTimeoutMs(int waitMsMax) const {
    const bool pending =
        !rereads_.empty() || !touched_.empty() || !closed_.empty() || !hooks_.empty();
    if (pending || waitMsMax <= 0) return 0;
    const int limitMs = std::min(waitMsMax, wasBusy_ ? kBusyWaitMsMax : kWaitMsMax);
    return static_cast<int>(timers_.untilNextMs(clock_.steadyMs(), limitMs));
}

bool Reactor::readAgain() {
    if (rereads_.empty()) return false;
    // A handler may pause and resume again: that turn comes with the next tick.
    std::vector<Connection*> resumed;
    resumed.swap(rereads_);
    for (Connection* connection : resumed) connection->deliverUnconsumed();
    return true;
}

bool Reactor::runInbox() {
    inbox_.takeAll(tasks_);
    if (tasks_.empty()) return false;
    for (core::Task& task : tasks_) {
        task();
        // What the task holds is given back before the next one runs.
        task = core::Task();
    }
    tasks_.clear();
    return true;
}

void Reactor::runTickEndHooks() {
    // By index: a hook may add hooks, and they run in this tick too.
    for (std::size_t i = 0; i < hooks_.size(); ++i) {
        core::Task hook = std::move(hooks_[i]);
        hook();
    }
    hooks_.clear();
}

bool Reactor::writeOut() {
    if (touched_.empty()) return false;
    // What a handler sends from onDrained() goes out with the next tick, which follows at once.
    finishing_.swap(touched_);
    for (Connection* connection : finishing_) connection->finishTick();
    finishing_.clear();
    return true;
}

void Reactor::destroyClosed() {
    while (!closed_.empty()) {
        Connection& connection = *closed_.back();
        closed_.pop_back();
        destroy(connection);
    }
}

void Reactor::destroy(Connection& connection) {
    if (connection.nextHandler_) connection.handler_ = std::move(connection.nextHandler_);
    connection.handler_->onClosed(connection.reason_);
    timers_.stop(connection.closeTimer_);
    timers_.stop(connection.roomTimer_);
    connection.giveBack(connection.outbox_.clear());
    poller_->remove(connection.descriptor_);
    if (connection.touched_) std::erase(touched_, &connection);
    if (connection.rereadQueued_) std::erase(rereads_, &connection);

    // The last one moves into the gap.
    std::unique_ptr<Connection>& gap = connections_[connection.place_];
    connections_.back()->place_ = connection.place_;
    std::swap(gap, connections_.back());
    connections_.pop_back();
    open_.store(connections_.size(), std::memory_order_relaxed);
}

}  // namespace syncline::net
