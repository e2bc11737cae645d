// SPDX-License-Identifier: Apache-2.0
#include "net/listener.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <sys/socket.h>

#include <cassert>
#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

#include "net/reactor.h"

namespace syncline::net {

core::Result<std::unique_ptr<Listener>> Listener::open(const ListenerOptions& options,
                                                       std::vector<Reactor*> shards,
                                                       ConnectionLimit& limit,
                                                       HandlerFactory makeHandler) {
    std::unique_ptr<Listener> listener(
        new Listener(options, std::move(shards), limit, std::move(makeHandler)));
    try {
        listener->listen();
    } catch (const Poco::Exception& error) {
        return core::fail(core::Code::internal, "cannot listen on " + options.host + " port " +
                                                    std::to_string(options.port) + ": " +
                                                    error.displayText());
    }
    return listener;
}

Listener::Listener(const ListenerOptions& options, std::vector<Reactor*> shards,
                   ConnectionLimit& limit, HandlerFactory makeHandler)
    : options_(options),
      shards_(std::move(shards)),
      limit_(limit),
      makeHandler_(std::make_shared<const HandlerFactory>(std::move(makeHandler))) {
    assert(!shards_.empty());
}

Listener::~Listener() {
    stopAccepting();
}

void Listener::listen() {
    const Poco::Net::SocketAddress address(options_.host, options_.port);
    // Said in full: Poco's shorter forms turn SO_REUSEPORT on together with SO_REUSEADDR, and a
    // second server on the same port would then start without an error.
    const bool reuseAddress = true;
    const bool reusePort = false;
    if (address.family() == Poco::Net::SocketAddress::IPv6) {
        const bool ipV6Only = false;
        socket_.bind6(address, reuseAddress, reusePort, ipV6Only);
    } else {
        socket_.bind(address, reuseAddress, reusePort);
    }
    socket_.listen(options_.backlog);
    socket_.setBlocking(false);
    descriptor_ = socket_.impl()->sockfd();
    boundPort_ = socket_.address().port();
    boundAddress_ = socket_.address().toString();
}

bool Listener::start() {
    accepting_ = shards_.front()->poller().add(descriptor_, {.readable = true}, *this);
    return accepting_;
}

void Listener::stopAccepting() {
    Reactor& home = *shards_.front();
    home.timers().stop(std::exchange(pauseTimer_, {}));
    if (accepting_) home.poller().remove(descriptor_);
    accepting_ = false;
    socket_.close();
}

void Listener::onReady(Readiness) {
    accept(options_.acceptsPerTickMax);
}

void Listener::acceptWaiting() {
    // One more than the queue holds may wait in it.
    accept(static_cast<std::size_t>(options_.backlog) + 1);
}

void Listener::accept(std::size_t most) {
    for (std::size_t i = 0; i < most && accepting_; ++i) {
        const int accepted = ::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted >= 0) {
            handOver(accepted);
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) return;
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) pause();
        // Anything else is an error of the one connection that was about to be accepted.
    }
}

void Listener::handOver(int descriptor) {
    // Poco's sockets share their descriptor: whoever let go last would close it, here or there.
    auto socket =
        std::make_unique<Poco::Net::StreamSocket>(new Poco::Net::StreamSocketImpl(descriptor));
    std::optional<ConnectionLimit::Place> place = limit_.enter();
    if (!place) {
        refused_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    Reactor& shard = *shards_[turn_];
    turn_ = (turn_ + 1) % shards_.size();
    if (&shard == shards_.front()) {
        shard.adopt(*socket, *makeHandler_, std::move(place));
        return;
    }
    const bool posted =
        shard.post([&shard, makeHandler = makeHandler_, accepted = std::move(socket),
                    place = std::move(place)]() mutable {
            shard.adopt(*accepted, *makeHandler, std::move(place));
        });
    if (!posted) refused_.fetch_add(1, std::memory_order_relaxed);
}

/// The newcomers wait in the backlog until descriptors are free; to go on watching would spin.
void Listener::pause() {
    Reactor& home = *shards_.front();
    pauses_.fetch_add(1, std::memory_order_relaxed);
    home.poller().remove(descriptor_);
    accepting_ = false;
    pauseTimer_ = home.timers().start(home.nowMs(), options_.pauseMs, [this] {
        pauseTimer_ = {};
        if (!start()) pause();
    });
}

}  // namespace syncline::net
