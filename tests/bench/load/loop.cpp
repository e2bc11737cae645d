// SPDX-License-Identifier: Apache-2.0
#include "load/loop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>

namespace syncline::bench {

namespace {

constexpr std::size_t kConnectingMax = 128;

[[noreturn]] void lost(const Client& client) {
    throw std::runtime_error("connection " + std::to_string(client.number) + " was lost");
}

}  // namespace

std::uint64_t nowNs() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          std::chrono::steady_clock::now().time_since_epoch())
                                          .count());
}

Loop::Loop(std::uint16_t port) : port_(port), poller_(::epoll_create1(EPOLL_CLOEXEC)) {}

Loop::~Loop() {
    ::close(poller_);
}

Client& Loop::add() {
    clients_.push_back(std::make_unique<Client>());
    return *clients_.back();
}

void Loop::run(const std::function<bool()>& done) {
    std::array<epoll_event, 512> events{};
    do {
        connectMore();
        const int n = ::epoll_wait(poller_, events.data(), static_cast<int>(events.size()), 1);
        for (int i = 0; i < n; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            serve(*static_cast<Client*>(event.data.ptr), event.events);
        }
    } while (!done());
}

void Loop::connectMore() {
    while (nextToConnect_ < clients_.size() && connecting_ < kConnectingMax) {
        Client& client = *clients_[nextToConnect_++];
        if (!client.connectTo(port_)) lost(client);
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT;
        event.data.ptr = &client;
        ::epoll_ctl(poller_, EPOLL_CTL_ADD, client.descriptor_, &event);
        ++connecting_;
    }
}

void Loop::serve(Client& client, std::uint32_t events) {
    const bool wasOpen = client.state() == Client::State::open;
    if (client.state() == Client::State::connecting) {
        if ((events & (EPOLLOUT | EPOLLERR)) == 0) return;
        if (!client.onConnected()) lost(client);
    } else {
        if ((events & EPOLLOUT) != 0 && !client.flush()) lost(client);
        if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !client.onReadable(scratch_)) {
            lost(client);
        }
    }
    if (!wasOpen && client.state() == Client::State::open) --connecting_;
    watch(client);
}

void Loop::flush(Client& client) {
    if (!client.flush()) lost(client);
    watch(client);
}

void Loop::watch(Client& client) {
    const bool wanted = client.wantsToWrite();
    if (client.watchesWrites_ == wanted) return;
    client.watchesWrites_ = wanted;
    epoll_event event{};
    event.events = EPOLLIN | (wanted ? EPOLLOUT : 0U);
    event.data.ptr = &client;
    ::epoll_ctl(poller_, EPOLL_CTL_MOD, client.descriptor_, &event);
}

}  // namespace syncline::bench
