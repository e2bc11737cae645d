// SPDX-License-Identifier: Apache-2.0
#include "net/epoll_poller.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>
#include <vector>

namespace syncline::net {
namespace {

struct Note final : Pollable {
    void onReady(Readiness ready) override { seen.push_back(ready); }
    std::vector<Readiness> seen;
};

class EpollPollerTest : public ::testing::Test {
protected:
    EpollPollerTest() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0); }
    ~EpollPollerTest() override {
        ::close(ends[0]);
        ::close(ends[1]);
    }

    int poll() {
        poller.wait(0);
        return poller.dispatch();
    }

    int ends[2];
    EpollPoller poller;
    Note note;
};

TEST_F(EpollPollerTest, TellsWhatADescriptorIsReadyFor) {
    ASSERT_TRUE(poller.add(ends[0], {.readable = true, .writable = true}, note));
    EXPECT_EQ(poll(), 1);
    ASSERT_EQ(::write(ends[1], "x", 1), 1);
    EXPECT_EQ(poll(), 1);
    ASSERT_EQ(note.seen.size(), 2u);
    EXPECT_EQ(note.seen[0], (Readiness{.writable = true}));
    EXPECT_EQ(note.seen[1], (Readiness{.readable = true, .writable = true}));
}

TEST_F(EpollPollerTest, TellsOnlyWhatWasAskedForAndHangUps) {
    ASSERT_TRUE(poller.add(ends[0], {.readable = true}, note));
    poller.modify(ends[0], {}, note);
    ASSERT_EQ(::write(ends[1], "x", 1), 1);
    EXPECT_EQ(poll(), 0);
    ::shutdown(ends[1], SHUT_RDWR);
    ::shutdown(ends[0], SHUT_RDWR);
    EXPECT_EQ(poll(), 1);
    EXPECT_TRUE(note.seen.at(0).broken);
}

TEST_F(EpollPollerTest, ForgetsWhatWasRemoved) {
    ASSERT_TRUE(poller.add(ends[0], {.writable = true}, note));
    poller.remove(ends[0]);
    EXPECT_EQ(poll(), 0);
}

TEST_F(EpollPollerTest, RefusesWhatIsNoDescriptor) {
    EXPECT_FALSE(poller.add(-1, {.readable = true}, note));
}

TEST_F(EpollPollerTest, AWakeUpBeforeTheWaitEndsItOnce) {
    poller.wake();
    poller.wake();
    poller.wait(10'000);
    EXPECT_EQ(poller.dispatch(), 1);
    EXPECT_EQ(poll(), 0) << "the wake-up was taken";
}

TEST_F(EpollPollerTest, WakesFromAnotherThread) {
    std::thread other([this] { poller.wake(); });
    poller.wait(-1);
    EXPECT_EQ(poller.dispatch(), 1);
    other.join();
}

}  // namespace
}  // namespace syncline::net
