// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Poco/Net/ServerSocket.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/timer_wheel.h"
#include "net/connection_handler.h"
#include "net/connection_limit.h"
#include "net/poller.h"

namespace syncline::net {

class Reactor;

struct ListenerOptions {
    std::string host = "127.0.0.1";  ///< an address or a name; `::` is every IPv6 and IPv4 one
    std::uint16_t port = 0;          ///< 0: any free one
    int backlog = 4096;
    std::size_t acceptsPerTickMax = 64;
    std::int64_t pauseMs = 100;  ///< without accepting, after the process ran out of descriptors
};

/// One listening socket. The home shard accepts and hands each connection to the next shard in
/// turn. SO_REUSEPORT with a socket per shard was not taken: the kernel's hash spreads a few
/// hundred connections unevenly, a hanging shard would keep its share of the newcomers waiting,
/// and a second server started by mistake would silently get half of the clients instead of
/// "address already in use".
///
/// Owned by the server. Constructed and opened anywhere; [home shard] except where said.
class Listener final : private Pollable {
public:
    /// Binds and listens, so that port and errors are known at once; accepts from start() on.
    /// `shards` (not empty), `limit` and the first shard, which is the home, outlive the listener.
    static core::Result<std::unique_ptr<Listener>> open(const ListenerOptions& options,
                                                        std::vector<Reactor*> shards,
                                                        ConnectionLimit& limit,
                                                        HandlerFactory makeHandler);

    /// After stopAccepting(), or when the home shard has stopped.
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// Begins to accept. False when the system refuses to watch the socket.
    [[nodiscard]] bool start();

    /// Takes whom the kernel has connected already: it would cut them off with the socket.
    void acceptWaiting();

    /// Closes the listening socket: newcomers are refused by the kernel. For good.
    void stopAccepting();

    std::uint16_t boundPort() const { return boundPort_; }             ///< [any thread]
    const std::string& boundAddress() const { return boundAddress_; }  ///< `host:port` [any thread]

    /// Connections closed at once because the server was full. [any thread]
    std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
    /// Times the process ran out of descriptors. [any thread]
    std::uint64_t pauses() const { return pauses_.load(std::memory_order_relaxed); }

private:
    Listener(const ListenerOptions& options, std::vector<Reactor*> shards, ConnectionLimit& limit,
             HandlerFactory makeHandler);

    void listen();
    void onReady(Readiness ready) override;
    void accept(std::size_t most);
    void handOver(int descriptor);
    void pause();

    const ListenerOptions options_;
    const std::vector<Reactor*> shards_;
    ConnectionLimit& limit_;
    /// Shared with the connections under way to other shards, which may outlive the listener.
    const std::shared_ptr<const HandlerFactory> makeHandler_;
    Poco::Net::ServerSocket socket_;
    int descriptor_ = -1;
    std::uint16_t boundPort_ = 0;
    std::string boundAddress_;
    std::size_t turn_ = 0;
    bool accepting_ = false;
    core::TimerWheel::Id pauseTimer_;
    std::atomic<std::uint64_t> refused_{0};
    std::atomic<std::uint64_t> pauses_{0};
};

}  // namespace syncline::net
