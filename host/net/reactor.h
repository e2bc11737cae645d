// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Poco/Net/StreamSocket.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/inbox.h"
#include "core/shard.h"
#include "net/connection.h"
#include "net/memory_budget.h"
#include "net/poller.h"

namespace syncline::net {

/// What a shard grants each of its connections, and itself.
struct ReactorLimits {
    std::size_t inboxTasksMax = 65'536;
    std::size_t inputBytesMax = 64 * 1024;     ///< unconsumed input of a connection
    std::size_t outboxBytesMax = 1024 * 1024;  ///< unsent output of a connection
    std::size_t outboxBytesKept = 0;           ///< of these, what shared bytes leave to own ones
    std::size_t outboxBytesLow = 256 * 1024;   ///< onDrained() at or below
    std::size_t socketBytesMax = 0;  ///< that the system holds unsent for a peer; 0: its own limit
    std::size_t readBytesPerTurn = 64 * 1024;  ///< one recv
    std::size_t readTurnsPerTick = 4;          ///< recvs of a connection in a tick
};

/// Figures of one shard, read at any time by any thread.
struct ReactorFigures {
    std::uint64_t ticks = 0;
    std::uint64_t connectionsOpen = 0;
    std::uint64_t connectionsAccepted = 0;
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;
    std::uint64_t receives = 0;  ///< system calls
    std::uint64_t sends = 0;     ///< system calls
    std::uint64_t tasksRefused = 0;
};

/// The event loop of one shard: a thread, its sockets, its timers, its inbox.
///
///     wait -> ready sockets -> inbox, once -> due timers -> tick-end hooks until none is left
///          -> one send per connection with output -> destroy closed connections
///
/// Owned by the server. Its thread is the one that calls run() or runOnce();
/// [that thread] except where said.
class Reactor final : public core::Shard {
public:
    /// `budget` and `clock` outlive the reactor. Throws std::system_error when out of descriptors.
    Reactor(std::size_t index, const core::Clock& clock, MemoryBudget& budget,
            ReactorLimits limits = {}, std::unique_ptr<Poller> poller = nullptr);
    ~Reactor() override;
    Reactor(const Reactor&) = delete;
    Reactor& operator=(const Reactor&) = delete;

    bool post(core::Task task) override;
    void postAlways(core::Task task) override;
    bool isCurrent() const override;
    std::size_t index() const override { return index_; }
    const core::Clock& clock() const override { return clock_; }
    std::int64_t nowMs() const override { return nowMs_; }
    core::TimerWheel& timers() override { return timers_; }
    void atTickEnd(core::Task hook) override;

    /// Ticks until stop(), then tells every connection `serverStopping` and returns.
    void run();

    /// Ends run() after the tick it is in. [any thread]
    void stop();

    /// One tick, waiting at most `waitMsMax` for something to do. Answers whether anything was
    /// ready, posted or written.
    bool runOnce(int waitMsMax);

    /// Takes over a connected, non-blocking socket. Null when the system refuses to watch it.
    Connection* adopt(Poco::Net::StreamSocket socket, const HandlerFactory& makeHandler,
                      std::optional<ConnectionLimit::Place> place = std::nullopt);

    /// Closes every connection now; onClosed(serverStopping) of each is called.
    void closeAll();

    std::size_t connectionCount() const { return connections_.size(); }
    /// How many of them are being closed, or have something that was not sent yet.
    std::size_t unfinishedCount() const;
    const ReactorLimits& limits() const { return limits_; }
    Poller& poller() { return *poller_; }

    /// For a watchdog: how many ticks began, and when the running one began by the clock's
    /// steadyMs(), or 0 while the loop sleeps. [any thread]
    std::uint64_t tickCount() const { return ticks_.load(std::memory_order_relaxed); }
    std::int64_t tickStartedMs() const { return tickStartedMs_.load(std::memory_order_relaxed); }

    /// [any thread]
    ReactorFigures figures() const;

private:
    friend class Connection;

    using Counter = std::atomic<std::uint64_t>;

    /// Written by this shard only, so without a locked instruction.
    static void count(Counter& counter, std::uint64_t by = 1) {
        counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
    }

    int waitTimeoutMs(int waitMsMax) const;
    bool readAgain();
    bool runInbox();
    void runTickEndHooks();
    bool writeOut();
    void destroyClosed();
    void destroy(Connection& connection);

    const std::size_t index_;
    const core::Clock& clock_;
    const ReactorLimits limits_;
    BudgetPurse purse_;
    std::unique_ptr<Poller> poller_;
    core::Inbox inbox_;
    core::TimerWheel timers_;
    std::int64_t nowMs_;
    bool wasBusy_ = false;
    std::atomic<bool> stopping_{false};
    std::atomic<std::thread::id> thread_{};

    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<Connection*> touched_;    ///< may have output, or another interest
    std::vector<Connection*> finishing_;  ///< of them, those that are written now
    std::vector<Connection*> rereads_;    ///< resumed, with unconsumed input
    std::vector<Connection*> closed_;
    std::vector<core::Task> tasks_;
    std::vector<core::Task> hooks_;
    std::unique_ptr<char[]> readBuffer_;  ///< inputBytesMax + readBytesPerTurn

    Counter ticks_{0};
    std::atomic<std::int64_t> tickStartedMs_{0};
    Counter open_{0};
    Counter accepted_{0};
    Counter bytesIn_{0};
    Counter bytesOut_{0};
    Counter receives_{0};
    Counter sends_{0};
    Counter tasksRefused_{0};
};

}  // namespace syncline::net
