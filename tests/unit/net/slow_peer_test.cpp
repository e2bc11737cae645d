// SPDX-License-Identifier: Apache-2.0
// What happens when a peer does not read.
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include "loop_fixture.h"

namespace syncline::net::tests {
namespace {

constexpr int kSmallSendBuffer = 4096;

class SlowPeerTest : public LoopFixture {
protected:
    /// Bytes in which a lost, doubled or swapped part shows.
    static std::string pattern(std::size_t size) {
        std::string bytes;
        bytes.reserve(size + 8);
        for (std::size_t i = 0; bytes.size() < size; ++i) bytes += std::to_string(i) + ",";
        bytes.resize(size);
        return bytes;
    }

    /// Sends until the kernel refuses.
    void fill(End& end) {
        while (!end.connection->isBacklogged()) {
            ASSERT_EQ(end.connection->send(std::string(1024, '.')), SendStatus::queued);
            tick();
        }
    }
};

TEST_F(SlowPeerTest, GetsEverythingInOrderHoweverSmallTheParts) {
    End end = connect(kSmallSendBuffer);
    const core::SharedBytes shared = core::share(pattern(100'000));
    std::string expected;
    for (int i = 0; i < 5; ++i) {
        const std::string own = "<" + pattern(5000) + ">";
        ASSERT_EQ(end.connection->send(own), SendStatus::queued);
        ASSERT_EQ(end.connection->sendShared(shared, 1000 * i, 90'000), SendStatus::queued);
        expected += own + shared->substr(1000 * i, 90'000);
        tick();
    }
    EXPECT_TRUE(end.connection->isBacklogged());
    std::string got;
    EXPECT_TRUE(runUntil([&] {
        got += end.peer.read(7'777);
        return got.size() >= expected.size();
    }));
    EXPECT_EQ(got, expected);
    EXPECT_FALSE(end.connection->isBacklogged());
}

TEST_F(SlowPeerTest, IsNotWrittenToUntilTheKernelSaysSo) {
    End end = connect(kSmallSendBuffer);
    fill(end);
    const std::uint64_t sends = reactor->figures().sends;
    for (int i = 0; i < 10; ++i) {
        end.connection->send("more");
        tick();
    }
    EXPECT_EQ(reactor->figures().sends, sends);
}

TEST_F(SlowPeerTest, CostsNoWakeUpOnceItHasEverything) {
    End end = connect(kSmallSendBuffer);
    fill(end);
    EXPECT_TRUE(runUntil([&] {
        end.peer.read();
        return end.connection->outboxBytes() == 0;
    }));
    tick();
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(reactor->runOnce(0)) << "something was ready";
}

TEST_F(SlowPeerTest, CostsNoWakeUpWhileItDoesNotRead) {
    End end = connect(kSmallSendBuffer);
    fill(end);
    tick();
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(reactor->runOnce(0)) << "something was ready";
}

TEST_F(SlowPeerTest, IsRefusedAWholeMessageAtItsLimit) {
    restart({.outboxBytesMax = 10'000, .outboxBytesLow = 2'000});
    End end = connect(kSmallSendBuffer);
    fill(end);
    const std::size_t before = end.connection->outboxBytes();
    const std::string fitting(10'000 - before, 'x');
    EXPECT_EQ(end.connection->send(fitting + "y"), SendStatus::overLimit);
    EXPECT_EQ(end.connection->sendShared(core::share(fitting + "y")), SendStatus::overLimit);
    EXPECT_EQ(end.connection->outboxBytes(), before) << "nothing of it is queued";
    EXPECT_EQ(end.connection->send(fitting), SendStatus::queued);
    EXPECT_EQ(end.connection->outboxBytes(), 10'000u);
    EXPECT_TRUE(end.connection->isOpen()) << "what to do about it is the caller's business";
}

TEST_F(SlowPeerTest, IsLeftRoomForItsOwnBytesByThoseThatAreShared) {
    restart({.outboxBytesMax = 10'000, .outboxBytesKept = 1'000, .outboxBytesLow = 2'000});
    End end = connect(kSmallSendBuffer);
    fill(end);
    const std::size_t before = end.connection->outboxBytes();
    const std::string rest(10'000 - before, 'x');
    EXPECT_EQ(end.connection->sendShared(core::share(rest.substr(999))), SendStatus::overLimit);
    EXPECT_EQ(end.connection->sendShared(core::share(rest.substr(1'000))), SendStatus::queued);
    EXPECT_EQ(end.connection->send(rest.substr(0, 1'000)), SendStatus::queued);
    EXPECT_EQ(end.connection->outboxBytes(), 10'000U);
}

TEST_F(SlowPeerTest, FillsTheSystemsBufferUpToTheLimit) {
    // How much of 20 MB the system takes for a TCP peer that does not read.
    const auto taken = [&](std::size_t socketBytesMax) {
        restart({.outboxBytesMax = 50'000'000, .socketBytesMax = socketBytesMax});
        Poco::Net::ServerSocket listening(Poco::Net::SocketAddress("127.0.0.1", 0));
        Poco::Net::StreamSocket peer(listening.address());
        Poco::Net::StreamSocket accepted = listening.acceptConnection();
        accepted.setBlocking(false);
        Record record;
        Connection* connection = reactor->adopt(std::move(accepted), [&](Connection&) {
            return std::make_unique<RecordingHandler>(record);
        });
        EXPECT_EQ(connection->send(std::string(20'000'000, 'x')), SendStatus::queued);
        tick();
        const std::size_t left = connection->outboxBytes();
        reactor->closeAll();
        tick();
        return 20'000'000 - left;
    };
    const std::size_t withLimit = taken(50'000);
    EXPECT_GT(withLimit, 0U);
    EXPECT_LT(withLimit, taken(0));
}

TEST_F(SlowPeerTest, CountsWhatItsHandlerHoldsForIt) {
    End end = connect(kSmallSendBuffer);
    const std::size_t before = budget->usedBytes();
    EXPECT_TRUE(end.connection->hold(100'000));
    EXPECT_GE(budget->usedBytes(), before + 100'000);
    EXPECT_FALSE(end.connection->hold(budget->bytesMax())) << "of all for everybody";
    end.connection->release(100'000);
    EXPECT_TRUE(end.connection->hold(100'000));
    end.connection->release(100'000);
}

TEST_F(SlowPeerTest, WhatIsHeldForItCountsWhereItsOutboxDoes) {
    using For = MemoryBudget::For;
    End end = connect(kSmallSendBuffer);
    ASSERT_TRUE(end.connection->hold(100'000));
    EXPECT_EQ(budget->usedBytes(For::backlog), 0u);
    fill(end);
    EXPECT_EQ(budget->usedBytes(For::backlog), 100'000 + end.connection->outboxBytes());
    EXPECT_TRUE(runUntil([&] {
        end.peer.read();
        return !end.connection->isBacklogged();
    }));
    EXPECT_EQ(budget->usedBytes(For::backlog), 0u);
    EXPECT_GE(budget->usedBytes(For::output), 100'000u);
    end.connection->release(100'000);
    EXPECT_LE(budget->usedBytes(), BudgetPurse::kBulkBytes) << "no more than the purse holds";
}

TEST_F(SlowPeerTest, IsToldOnceWhenThereIsRoomAgain) {
    restart({.outboxBytesMax = 10'000, .outboxBytesLow = 2'000});
    End end = connect(kSmallSendBuffer);
    fill(end);
    EXPECT_EQ(end.connection->send(std::string(10'000, 'x')), SendStatus::overLimit);
    tick();
    EXPECT_EQ(end.record->drained, 0);
    EXPECT_TRUE(runUntil([&] {
        end.peer.read(500);
        return end.record->drained > 0;
    }));
    EXPECT_LE(end.connection->outboxBytes(), 2'000u);
    for (int i = 0; i < 100; ++i) {
        end.peer.read();
        tick();
    }
    EXPECT_EQ(end.record->drained, 1);
}

TEST_F(SlowPeerTest, IsNotToldWhenItWasNeverOver) {
    End end = connect(kSmallSendBuffer);
    fill(end);
    EXPECT_TRUE(runUntil([&] {
        end.peer.read();
        return end.connection->outboxBytes() == 0;
    }));
    EXPECT_EQ(end.record->drained, 0);
}

TEST_F(SlowPeerTest, WhatIsSentFromOnDrainedLeaves) {
    restart({.outboxBytesMax = 10'000, .outboxBytesLow = 2'000});
    End end = connect(kSmallSendBuffer);
    end.handler->drained = [&] { end.connection->send("<fresh>"); };
    fill(end);
    EXPECT_EQ(end.connection->send(std::string(10'000, 'x')), SendStatus::overLimit);
    std::string got;
    EXPECT_TRUE(runUntil([&] {
        got += end.peer.read();
        return got.ends_with("<fresh>");
    }));
}

TEST_F(SlowPeerTest, GivesItsMemoryBackAndThenSomeoneElseMaySend) {
    const std::size_t budgetBytes = 400'000;
    restart({.outboxBytesMax = 1'000'000}, budgetBytes);
    End frozen = connect(kSmallSendBuffer);
    fill(frozen);
    while (frozen.connection->send(std::string(1000, 'x')) == SendStatus::queued) {
    }
    EXPECT_LE(budget->usedBytes(), budgetBytes / 2);
    EXPECT_GT(budget->usedBytes(), budgetBytes / 4);

    End reader = connect();
    EXPECT_EQ(reader.connection->send(std::string(150'000, 'y')), SendStatus::queued)
        << "the rest is for those who read";
    EXPECT_EQ(reader.connection->send(std::string(60'000, 'y')), SendStatus::overLimit);
    EXPECT_EQ(readAll(reader.peer, 150'000).size(), 150'000u);

    frozen.connection->abort();
    tick();
    EXPECT_EQ(budget->usedBytes(), 0u);
    EXPECT_EQ(reader.connection->send(std::string(60'000, 'y')), SendStatus::queued);
}

TEST_F(SlowPeerTest, HoweverManyDoNotReadTheirOwnBytesStayWithinTheBudget) {
    const std::size_t budgetBytes = 1'000'000;
    restart({}, budgetBytes);
    std::vector<End> frozen;
    std::size_t closed = 0;
    for (int i = 0; i < 40; ++i) {
        frozen.push_back(connect(kSmallSendBuffer));
        ASSERT_EQ(frozen.back().connection->send(std::string(100'000, 'x')), SendStatus::queued);
        tick();
        EXPECT_LE(budget->usedBytes(), budgetBytes) << i;
        if (!frozen.back().record->closed) continue;
        EXPECT_EQ(frozen.back().record->reason, CloseReason::outOfMemory);
        ++closed;
    }
    EXPECT_GT(closed, 30u);
    EXPECT_LT(closed, 40u);
    End reader = connect();
    EXPECT_EQ(reader.connection->send(std::string(100'000, 'y')), SendStatus::queued);
    EXPECT_EQ(readAll(reader.peer, 100'000).size(), 100'000u);
}

TEST_F(SlowPeerTest, ManyThatFallBehindAtOnceTakeNothingFromThoseWhoRead) {
    const std::size_t budgetBytes = 400'000;
    restart({}, budgetBytes);
    std::vector<End> frozen;
    for (int i = 0; i < 8; ++i) frozen.push_back(connect(kSmallSendBuffer));
    const core::SharedBytes shared = core::share(pattern(300'000));
    for (End& one : frozen) ASSERT_EQ(one.connection->sendShared(shared), SendStatus::queued);
    tick();
    ASSERT_GT(budget->usedBytes(), budgetBytes) << "what exists already is only counted";

    End reader = connect();
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(reader.connection->send(std::string(90'000, 'y')), SendStatus::queued);
        EXPECT_EQ(readAll(reader.peer, 90'000).size(), 90'000u);
    }
    EXPECT_EQ(frozen.front().connection->sendShared(shared, 0, 1), SendStatus::overLimit);
    EXPECT_EQ(frozen.front().connection->send("x"), SendStatus::queued);
    EXPECT_TRUE(reader.connection->hold(50'000));
    reader.connection->release(50'000);
    for (End& one : frozen) one.connection->abort();
    tick();
    EXPECT_EQ(budget->usedBytes(), 0u);
}

TEST_F(SlowPeerTest, IsToldWhenTheBudgetHasRoomAgain) {
    restart({}, 10'000);
    End end = connect();
    budget->takeAnyway(10'000, MemoryBudget::For::output);
    EXPECT_EQ(end.connection->send("x"), SendStatus::overLimit);
    clock.advanceMs(100);
    tick();
    EXPECT_EQ(end.record->drained, 0);
    budget->give(10'000, MemoryBudget::For::output);
    clock.advanceMs(100);
    tick();
    EXPECT_EQ(end.record->drained, 1);
    EXPECT_EQ(end.connection->send("x"), SendStatus::queued);
    tick();
    EXPECT_EQ(end.peer.read(), "x");
}

TEST_F(SlowPeerTest, ManyReadersOfOneBufferCostItOnce) {
    restart({}, 300'000);
    std::vector<End> readers;
    for (int i = 0; i < 200; ++i) readers.push_back(connect());
    const core::SharedBytes shared = core::share(pattern(50'000));
    for (End& reader : readers) {
        ASSERT_EQ(reader.connection->sendShared(shared), SendStatus::queued);
    }
    EXPECT_EQ(budget->usedBytes(), 0u);
    tick();
    for (End& reader : readers) EXPECT_EQ(readAll(reader.peer, 50'000), *shared);
}

TEST_F(SlowPeerTest, ASharedBufferThatStaysIsCounted) {
    End end = connect(kSmallSendBuffer);
    core::SharedBytes shared = core::share(std::string(500'000, 'x'));
    ASSERT_EQ(end.connection->sendShared(shared), SendStatus::queued);
    tick();
    EXPECT_GE(budget->usedBytes(), end.connection->outboxBytes());
    const std::weak_ptr<const std::string> watch = shared;
    shared.reset();
    EXPECT_FALSE(watch.expired());
    end.connection->abort();
    tick();
    EXPECT_TRUE(watch.expired());
}

TEST_F(SlowPeerTest, IsCutOffWhenItDoesNotTakeTheLastBytesInTime) {
    End end = connect(kSmallSendBuffer);
    fill(end);
    end.connection->closeAfterFlush(500);
    tick();
    clock.advanceMs(520);
    tick();
    EXPECT_TRUE(end.record->closed);
    EXPECT_EQ(end.record->reason, CloseReason::flushTimedOut);
}

TEST_F(SlowPeerTest, GetsTheLastBytesWhenItReadsInTime) {
    End end = connect(kSmallSendBuffer);
    fill(end);
    ASSERT_EQ(end.connection->send("the end"), SendStatus::queued);
    end.connection->closeAfterFlush(500);
    std::string got;
    EXPECT_TRUE(runUntil([&] {
        got += end.peer.read();
        return end.peer.ended();
    }));
    EXPECT_TRUE(got.ends_with("the end"));
}

TEST_F(SlowPeerTest, GetsTheGoodbyeThoughItsOutboxIsFull) {
    restart({.outboxBytesMax = 10'000, .outboxBytesLow = 2'000});
    End end = connect(kSmallSendBuffer);
    fill(end);
    const std::string rest(10'000 - end.connection->outboxBytes(), 'x');
    ASSERT_EQ(end.connection->send(rest), SendStatus::queued);
    end.connection->closeAfterFlush(500, "goodbye");
    std::string got;
    EXPECT_TRUE(runUntil([&] {
        got += end.peer.read();
        return end.peer.ended();
    }));
    EXPECT_TRUE(got.ends_with("xgoodbye"));
}

TEST_F(SlowPeerTest, ThatResetsIsNoticed) {
    End end = connect(kSmallSendBuffer);
    fill(end);
    end.peer.hangUp();
    EXPECT_TRUE(runUntil([&] { return end.record->closed; }));
    EXPECT_EQ(reactor->connectionCount(), 0u);
}

}  // namespace
}  // namespace syncline::net::tests
