// SPDX-License-Identifier: Apache-2.0
#include "net/listener.h"

#include <Poco/Net/SocketAddress.h>
#include <sys/resource.h>

#include <algorithm>

#include "loop_fixture.h"

namespace syncline::net::tests {
namespace {

class ListenerTest : public LoopFixture {
protected:
    ListenerTest() : other(1, clock, *budget) {}

    void open(ListenerOptions options = {}, bool twoShards = false) {
        std::vector<Reactor*> shards{reactor.get()};
        if (twoShards) shards.push_back(&other);
        auto opened = Listener::open(options, shards, limit, [this](Connection& connection) {
            addresses.push_back(connection.peerAddress());
            return std::make_unique<RecordingHandler>(
                *records.emplace_back(std::make_unique<Record>()));
        });
        ASSERT_TRUE(opened) << opened.error().reason;
        listener = std::move(*opened);
        ASSERT_TRUE(listener->start());
    }

    /// A client on loopback; -1 when it is refused.
    int dial(const std::string& host = "127.0.0.1") {
        const Poco::Net::SocketAddress address(host, listener->boundPort());
        const int descriptor = ::socket(address.af(), SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::connect(descriptor, address.addr(), address.length()) == 0) return descriptor;
        ::close(descriptor);
        return -1;
    }

    ConnectionLimit limit{1000};
    std::vector<std::string> addresses;
    Reactor other;
    std::unique_ptr<Listener> listener;
};

TEST_F(ListenerTest, AcceptsOnAPortOfTheSystemsChoice) {
    open();
    EXPECT_NE(listener->boundPort(), 0);
    EXPECT_EQ(listener->boundAddress(), "127.0.0.1:" + std::to_string(listener->boundPort()));
    Peer client(dial());
    client.write("hi");
    EXPECT_TRUE(runUntil([&] { return reactor->connectionCount() == 1; }));
    EXPECT_TRUE(runUntil([&] { return records.at(0)->input == "hi"; }));
    EXPECT_EQ(addresses.at(0).rfind("127.0.0.1:", 0), 0u);
    EXPECT_EQ(limit.open(), 1u);
    client.hangUp();
    EXPECT_TRUE(runUntil([&] { return records.at(0)->closed; }));
    EXPECT_EQ(limit.open(), 0u);
}

TEST_F(ListenerTest, AcceptsIpVersion6AndOnTheWildcardBoth) {
    open({.host = "::"});
    Peer four(dial("127.0.0.1"));
    Peer six(dial("::1"));
    ASSERT_GE(four.descriptor(), 0);
    if (six.descriptor() < 0) GTEST_SKIP() << "no IPv6 on this machine";
    EXPECT_TRUE(runUntil([&] { return reactor->connectionCount() == 2; }));
}

TEST_F(ListenerTest, TakesWhoWaitsBeforeItIsClosed) {
    open();
    std::vector<Peer> clients;
    for (int i = 0; i < 100; ++i) clients.emplace_back(dial());
    listener->acceptWaiting();
    listener->stopAccepting();
    EXPECT_EQ(reactor->connectionCount(), 100u);
    EXPECT_LT(dial(), 0);
    for (Peer& client : clients) client.write("x");
    EXPECT_TRUE(runUntil([&] {
        return std::ranges::all_of(records, [](const auto& one) { return one->input == "x"; });
    }));
}

TEST_F(ListenerTest, OneThatHasStoppedTakesNobody) {
    open();
    listener->stopAccepting();
    listener->acceptWaiting();
    EXPECT_EQ(reactor->connectionCount(), 0u);
}

TEST_F(ListenerTest, SpreadsConnectionsOverTheShardsInTurn) {
    open({}, true);
    std::vector<Peer> clients;
    for (int i = 0; i < 10; ++i) clients.emplace_back(dial());
    EXPECT_TRUE(runUntil([&] {
        other.runOnce(0);
        return reactor->connectionCount() + other.connectionCount() == 10;
    }));
    EXPECT_EQ(reactor->connectionCount(), 5u);
    EXPECT_EQ(other.connectionCount(), 5u);
    other.closeAll();
    reactor->closeAll();
}

TEST_F(ListenerTest, AcceptsAFairShareInATick) {
    open({.acceptsPerTickMax = 3});
    std::vector<Peer> clients;
    for (int i = 0; i < 10; ++i) clients.emplace_back(dial());
    tick();
    EXPECT_EQ(reactor->connectionCount(), 3u);
    EXPECT_TRUE(runUntil([&] { return reactor->connectionCount() == 10; }));
}

TEST_F(ListenerTest, ClosesNewcomersWhenTheServerIsFull) {
    std::vector<ConnectionLimit::Place> taken;
    while (auto place = limit.enter()) taken.push_back(std::move(*place));
    open();
    Peer client(dial());
    EXPECT_TRUE(runUntil([&] { return listener->refused() == 1; }));
    EXPECT_TRUE(runUntil([&] {
        client.read();
        return client.ended() || client.lost();
    }));
    EXPECT_EQ(reactor->connectionCount(), 0u);

    taken.pop_back();
    Peer next(dial());
    EXPECT_TRUE(runUntil([&] { return reactor->connectionCount() == 1; }));
}

TEST_F(ListenerTest, StopsAcceptingButKeepsWhatIsThere) {
    open();
    Peer client(dial());
    EXPECT_TRUE(runUntil([&] { return reactor->connectionCount() == 1; }));
    listener->stopAccepting();
    EXPECT_EQ(dial(), -1);
    client.write("still here");
    EXPECT_TRUE(runUntil([&] { return records.at(0)->input == "still here"; }));
}

TEST_F(ListenerTest, SaysThatAPortIsTaken) {
    open();
    const auto second = Listener::open({.port = listener->boundPort()}, {reactor.get()}, limit,
                                       [](Connection&) { return nullptr; });
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().reason.find("in use"), std::string::npos) << second.error().reason;
}

TEST_F(ListenerTest, SaysThatAnAddressIsNone) {
    const auto opened = Listener::open({.host = "not an address"}, {reactor.get()}, limit,
                                       [](Connection&) { return nullptr; });
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().reason.find("not an address"), std::string::npos);
}

/// While it lives, the process has no descriptor left for a newcomer.
class NoDescriptorsLeft {
public:
    NoDescriptorsLeft() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const int lowestFree = ::dup(0);
        ::close(lowestFree);
        rlimit none = before_;
        none.rlim_cur = static_cast<rlim_t>(lowestFree);
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptorsLeft() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

TEST_F(ListenerTest, PausesWithoutSpinningWhenDescriptorsRunOut) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the sanitizers' checks need descriptors of their own";
#endif
    open();
    Peer client(dial());
    {
        const NoDescriptorsLeft none;
        tick();
        EXPECT_EQ(listener->pauses(), 1u);
        for (int i = 0; i < 10; ++i) EXPECT_FALSE(reactor->runOnce(0)) << "it spins";
        clock.advanceMs(120);
        tick();
        tick();
        EXPECT_EQ(listener->pauses(), 2u) << "tried again, still none";
    }
    clock.advanceMs(120);
    EXPECT_TRUE(runUntil([&] { return reactor->connectionCount() == 1; }));
}

}  // namespace
}  // namespace syncline::net::tests
