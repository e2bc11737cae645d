// SPDX-License-Identifier: Apache-2.0
#include "net/connection.h"

#include "loop_fixture.h"

namespace syncline::net::tests {
namespace {

class ConnectionTest : public LoopFixture {};

TEST_F(ConnectionTest, HandsOverWhatThePeerSent) {
    End end = connect();
    end.peer.write("hello");
    tick();
    EXPECT_EQ(end.record->input, "hello");
    EXPECT_EQ(end.connection->bytesIn(), 5u);
}

TEST_F(ConnectionTest, BringsBackWhatWasNotConsumedInFrontOfWhatFollows) {
    End end = connect();
    end.handler->consume = [](std::span<char> bytes) { return bytes.size() / 4 * 4; };
    end.peer.write("abcdefg");
    tick();
    end.peer.write("hij");
    tick();
    EXPECT_EQ(end.record->calls, (std::vector<std::string>{"abcdefg", "efghij"}));
    EXPECT_EQ(end.record->input, "abcdefgh");
}

TEST_F(ConnectionTest, DoesNotCallAgainBeforeThereIsMore) {
    End end = connect();
    end.handler->consume = [](std::span<char>) { return std::size_t{0}; };
    end.peer.write("abc");
    for (int i = 0; i < 5; ++i) tick();
    EXPECT_EQ(end.record->calls.size(), 1u);
}

TEST_F(ConnectionTest, ClosesWhenTooMuchStaysUnconsumed) {
    restart({.inputBytesMax = 100});
    End end = connect();
    end.handler->consume = [](std::span<char>) { return std::size_t{0}; };
    end.peer.write(std::string(100, 'x'));
    tick();
    EXPECT_FALSE(end.record->closed) << "at the limit";
    end.peer.write("x");
    tick();
    EXPECT_TRUE(end.record->closed);
    EXPECT_EQ(end.record->reason, CloseReason::inputOverLimit);
}

TEST_F(ConnectionTest, ReadsAFairShareInATick) {
    restart({.readBytesPerTurn = 10, .readTurnsPerTick = 4});
    End greedy = connect();
    End modest = connect();
    greedy.peer.write(std::string(100, 'x'));
    modest.peer.write("y");
    tick();
    EXPECT_EQ(greedy.record->input.size(), 40u);
    EXPECT_EQ(modest.record->input, "y");
    EXPECT_TRUE(runUntil([&] { return greedy.record->input.size() == 100; }));
}

TEST_F(ConnectionTest, SendsOnceATickInTheOrderOfTheSends) {
    End end = connect();
    const core::SharedBytes shared = core::share("0123456789");
    tick();
    const std::uint64_t sendsBefore = reactor->figures().sends;
    EXPECT_EQ(end.connection->send("a"), SendStatus::queued);
    EXPECT_EQ(end.connection->sendShared(shared, 2, 3), SendStatus::queued);
    EXPECT_EQ(end.connection->send("b"), SendStatus::queued);
    EXPECT_EQ(end.connection->sendShared(shared), SendStatus::queued);
    EXPECT_EQ(end.peer.read(), "") << "nothing leaves before the end of the tick";
    tick();
    EXPECT_EQ(end.peer.read(), "a234b0123456789");
    EXPECT_EQ(reactor->figures().sends - sendsBefore, 1u);
    EXPECT_EQ(end.connection->bytesOut(), 15u);
    EXPECT_EQ(end.connection->outboxBytes(), 0u);
}

TEST_F(ConnectionTest, IsUnfinishedWhileItHasSomethingToSendAndUntilBothSidesAreClosed) {
    End talking = connect();
    End leaving = connect();
    End idle = connect();
    tick();
    EXPECT_EQ(reactor->unfinishedCount(), 0u);
    EXPECT_EQ(talking.connection->send("a"), SendStatus::queued);
    leaving.connection->closeAfterFlush(1'000, "b");
    EXPECT_EQ(reactor->unfinishedCount(), 2u);
    tick();
    EXPECT_EQ(reactor->unfinishedCount(), 1u) << "its peer has not closed";
    leaving.peer.hangUp();
    EXPECT_TRUE(runUntil([&] { return reactor->unfinishedCount() == 0; }));
    EXPECT_EQ(reactor->connectionCount(), 2u);
}

TEST_F(ConnectionTest, AnswersInTheTickInWhichItWasAsked) {
    End end = connect();
    end.handler->consume = [&](std::span<char> bytes) {
        end.connection->send({bytes.data(), bytes.size()});
        return bytes.size();
    };
    end.peer.write("echo");
    tick();
    EXPECT_EQ(end.peer.read(), "echo");
}

TEST_F(ConnectionTest, SendsMoreSegmentsThanOneSystemCallTakes) {
    End end = connect();
    std::string expected;
    for (int i = 0; i < 1000; ++i) {
        const std::string text = std::to_string(i);
        expected += text;
        ASSERT_EQ(end.connection->sendShared(core::share(text)), SendStatus::queued);
    }
    EXPECT_EQ(readAll(end.peer, expected.size()), expected);
}

TEST_F(ConnectionTest, PausesAtOnceAndKeepsTheRestForLater) {
    End end = connect();
    end.handler->consume = [&](std::span<char> bytes) {
        end.connection->pauseReading();
        return std::min<std::size_t>(bytes.size(), 3);
    };
    end.peer.write("abcdef");
    tick();
    end.peer.write("ghi");
    for (int i = 0; i < 3; ++i) tick();
    EXPECT_EQ(end.record->calls, std::vector<std::string>{"abcdef"});

    end.connection->resumeReading();
    tick();
    EXPECT_EQ(end.record->calls.size(), 2u);
    EXPECT_EQ(end.record->calls.at(1), "def") << "before anything new is read";
    end.connection->resumeReading();
    EXPECT_TRUE(runUntil([&] { return end.record->input == "abcdefghi"; }));
}

TEST_F(ConnectionTest, PausedInputMayExceedTheLimitByOneRead) {
    restart({.inputBytesMax = 8, .readBytesPerTurn = 64});
    End end = connect();
    end.handler->consume = [&](std::span<char> bytes) {
        end.connection->pauseReading();
        return std::min<std::size_t>(bytes.size(), 4);
    };
    end.peer.write(std::string(64, 'x'));
    for (int i = 0; i < 16; ++i) {
        tick();
        end.connection->resumeReading();
    }
    EXPECT_EQ(end.record->input.size(), 64u);
    EXPECT_FALSE(end.record->closed);
}

TEST_F(ConnectionTest, ResumingWithinTheCallBringsTheRestWithTheNextTick) {
    End end = connect();
    end.handler->consume = [&](std::span<char>) {
        end.connection->pauseReading();
        end.connection->resumeReading();
        return std::size_t{1};
    };
    end.peer.write("abc");
    tick();
    EXPECT_EQ(end.record->input, "a");
    tick();
    tick();
    EXPECT_EQ(end.record->input, "abc");
}

TEST_F(ConnectionTest, GivesTheRestToAReplacedHandlerInTheSameTick) {
    End end = connect();
    Record second;
    end.handler->consume = [&](std::span<char>) {
        end.connection->replaceHandler(std::make_unique<RecordingHandler>(second));
        return std::size_t{4};
    };
    end.peer.write("HTTPframes");
    tick();
    EXPECT_EQ(end.record->input, "HTTP");
    EXPECT_EQ(second.input, "frames");
    end.peer.hangUp();
    tick();
    EXPECT_FALSE(end.record->closed);
    EXPECT_TRUE(second.closed);
}

TEST_F(ConnectionTest, AHandlerReplacedFromOutsideGetsWhatWasKept) {
    End end = connect();
    end.handler->consume = [](std::span<char>) { return std::size_t{0}; };
    end.peer.write("kept");
    tick();
    Record second;
    end.connection->replaceHandler(std::make_unique<RecordingHandler>(second));
    tick();
    tick();
    EXPECT_EQ(second.input, "kept");
}

TEST_F(ConnectionTest, TellsOnceThatThePeerClosed) {
    End end = connect();
    end.peer.write("last words");
    end.peer.hangUp();
    EXPECT_TRUE(runUntil([&] { return end.record->closed; }));
    EXPECT_EQ(end.record->input, "last words");
    EXPECT_EQ(end.record->reason, CloseReason::peerClosed);
    EXPECT_EQ(reactor->connectionCount(), 0u);
}

TEST_F(ConnectionTest, AnswersAPeerThatOnlyEndedItsDirection) {
    End end = connect();
    end.handler->consume = [&](std::span<char> bytes) {
        end.connection->send("answer");
        return bytes.size();
    };
    end.peer.write("question");
    end.peer.endOutput();
    EXPECT_TRUE(runUntil([&] { return end.record->closed; }));
    EXPECT_EQ(end.peer.read(), "answer");
}

TEST_F(ConnectionTest, NoticesAPeerThatIsGoneWhileItSends) {
    End end = connect();
    end.peer.hangUp();
    end.connection->pauseReading();
    end.connection->send("to nobody");
    EXPECT_TRUE(runUntil([&] { return end.record->closed; }));
    EXPECT_EQ(end.record->reason, CloseReason::peerReset);
}

TEST_F(ConnectionTest, NoticesAPeerThatIsGoneWhilePaused) {
    End end = connect();
    end.connection->pauseReading();
    tick();
    end.peer.hangUp();
    EXPECT_TRUE(runUntil([&] { return end.record->closed; }));
    EXPECT_EQ(end.record->reason, CloseReason::peerReset);
}

TEST_F(ConnectionTest, AbortClosesAtTheEndOfTheTickWithoutSending) {
    End end = connect();
    end.connection->send("unsent");
    end.connection->abort();
    EXPECT_FALSE(end.record->closed) << "no call from inside abort()";
    EXPECT_EQ(end.connection->send("more"), SendStatus::closed);
    EXPECT_EQ(end.connection->sendShared(core::share("more")), SendStatus::closed);
    tick();
    EXPECT_TRUE(end.record->closed);
    EXPECT_EQ(end.record->reason, CloseReason::aborted);
    EXPECT_EQ(end.peer.read(), "");
    EXPECT_TRUE(end.peer.ended());
    EXPECT_LE(budget->usedBytes(), BudgetPurse::kBulkBytes) << "no more than the purse holds";
}

TEST_F(ConnectionTest, CloseAfterFlushSendsFirstAndWaitsForThePeer) {
    End end = connect();
    end.connection->send("bye");
    end.connection->closeAfterFlush(1000);
    EXPECT_EQ(end.connection->send("too late"), SendStatus::closed);
    tick();
    EXPECT_EQ(end.peer.read(), "bye");
    EXPECT_EQ(end.peer.read(), "");
    EXPECT_TRUE(end.peer.ended()) << "our direction is ended";
    EXPECT_FALSE(end.record->closed) << "the peer's is not";
    end.peer.write("ignored");
    tick();
    EXPECT_EQ(end.record->input, "");
    end.peer.hangUp();
    EXPECT_TRUE(runUntil([&] { return end.record->closed; }));
    EXPECT_EQ(end.record->reason, CloseReason::finished);
}

TEST_F(ConnectionTest, CloseAfterFlushGivesUpOnAPeerThatStays) {
    End end = connect();
    end.connection->closeAfterFlush(1000);
    tick();
    clock.advanceMs(999);
    tick();
    EXPECT_FALSE(end.record->closed);
    clock.advanceMs(1 + core::TimerWheel::kTickMs);
    tick();
    EXPECT_TRUE(end.record->closed);
    EXPECT_EQ(end.record->reason, CloseReason::finished);
}

TEST_F(ConnectionTest, CloseAfterFlushWithinTheCallDropsTheRest) {
    End end = connect();
    end.handler->consume = [&](std::span<char>) {
        end.connection->send("no");
        end.connection->closeAfterFlush(1000);
        return std::size_t{2};
    };
    end.peer.write("abcdef");
    tick();
    EXPECT_EQ(end.peer.read(), "no");
    end.peer.write("ghi");
    tick();
    EXPECT_EQ(end.record->calls.size(), 1u);
}

TEST_F(ConnectionTest, IsSmallWhenIdle) {
    // With its socket object, handler and the reactor's entry this stays far below 1.5 KB.
    EXPECT_LE(sizeof(Connection), 320u);
}

}  // namespace
}  // namespace syncline::net::tests
