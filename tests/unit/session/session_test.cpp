// SPDX-License-Identifier: Apache-2.0
#include "session/session.h"

#include <gtest/gtest.h>

#include <tuple>

#include "unit/session/desk.h"

namespace syncline::session::tests {
namespace {

TEST(SessionTest, TakesOnlyWhatOpensASessionUntilItIsOpen) {
    Desk desk;
    auto visit = desk.visit();
    visit->say(R"({"type":"echo","id":7})");
    EXPECT_EQ(member(visit->transport.take().at(0), "code"), "1303");
    visit->say(R"({"type":"enter","id":8,"user":"ann"})");
    const std::string told = visit->transport.take().at(0);
    EXPECT_EQ(member(told, "type"), "entered");
    EXPECT_EQ(member(told, "re"), "8");
    EXPECT_EQ(member(told, "user"), "ann");
    EXPECT_EQ(member(told, "origin").size(), 16U);
    visit->say(R"({"type":"enter","id":9,"user":"ann"})");
    EXPECT_EQ(member(visit->transport.take().at(0), "code"), "1303");
    visit->say(R"({"type":"echo","id":"x"})");
    EXPECT_EQ(visit->transport.take().at(0), R"({"type":"echoed","re":"x"})");
}

TEST(SessionTest, ClosesWhoDoesNotOpenASessionInTime) {
    Desk desk;
    auto visit = desk.visit();
    desk.passMs(desk.settings.helloMs - 8);
    EXPECT_EQ(visit->transport.closedWith, 0);
    desk.passMs(16);
    EXPECT_EQ(visit->transport.closedWith, 4502);
}

TEST(SessionTest, PingsTheSilentAndClosesTheDead) {
    Desk desk;
    auto visit = desk.enter("ann");
    desk.passMs(desk.settings.heartbeatMs + 8);
    EXPECT_EQ(visit->transport.pings, 1);
    visit->session->onAlive();
    desk.passMs(desk.settings.pongMs + 8);
    EXPECT_EQ(visit->transport.closedWith, 0);
    desk.passMs(desk.settings.heartbeatMs + 8);
    EXPECT_EQ(visit->transport.pings, 2);
    desk.passMs(desk.settings.pongMs + 8);
    EXPECT_EQ(visit->transport.closedWith, 4003);
}

TEST(SessionTest, AnUnknownTypeAndABadFrameAreErrorsUntilThereAreTooMany) {
    Desk desk;
    desk.settings.malformedMax = 3;
    auto visit = desk.enter("ann");
    visit->say(R"({"type":"dance","id":1})");
    EXPECT_EQ(member(visit->transport.take().at(0), "code"), "1103");
    visit->say("no json");
    EXPECT_EQ(member(visit->transport.take().at(0), "code"), "1101");
    visit->say("7");
    EXPECT_EQ(visit->transport.closedWith, 0);
    visit->say("[1]");
    EXPECT_EQ(visit->transport.closedWith, 4501);
}

TEST(SessionTest, ANewerSessionOfTheSameClientReplacesTheOlder) {
    Desk desk;
    auto older = desk.enter("ann");
    auto other = desk.enter("bob");
    auto newer = desk.enter("ann");
    EXPECT_EQ(older->transport.closedWith, 4504);
    EXPECT_EQ(newer->transport.closedWith, 0);
    EXPECT_EQ(other->transport.closedWith, 0);
    older.reset();
    EXPECT_EQ(desk.clients.size(), 2U);
}

TEST(SessionTest, AnswersAnOpOnceItIsCommittedAndOnlyWhoAskedWithAnId) {
    Desk desk;
    desk.world.holdCommits = true;
    auto visit = desk.enter("ann");
    visit->say(R"({"type":"change","id":5,"channel":"c","key":"k","n":1,"kind":"set","value":1})");
    visit->say(R"({"type":"change","channel":"c","key":"k","n":2,"kind":"set","value":2})");
    visit->say(R"({"type":"change","channel":"c","key":"k","n":9,"kind":"set","value":2})");
    desk.world.settle();
    EXPECT_TRUE(visit->transport.take().empty() || desk.world.holdCommits);
    desk.world.holdCommits = false;
    desk.world.settle();
    std::vector<std::string> acks;
    for (const std::string& text : visit->transport.take()) {
        if (member(text, "type") == "ack") acks.push_back(text);
    }
    ASSERT_EQ(acks.size(), 1U);
    EXPECT_EQ(member(acks[0], "re"), "5");
    EXPECT_EQ(member(acks[0], "outcome"), "applied");
}

TEST(SessionTest, AnErrorIsToldWithOrWithoutAnId) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->say(R"({"type":"change","channel":"c","key":"k","n":9,"kind":"set","value":2})");
    desk.world.settle();
    const std::string told = visit->transport.take().at(0);
    EXPECT_EQ(member(told, "code"), "1207");
    EXPECT_EQ(member(told, "settled"), "false");
}

TEST(SessionTest, AFinalRefusalByAStageConsumesTheNumber) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->say(
        R"({"type":"refusing","id":1,"channel":"c","key":"k","n":1,"kind":"set","value":1})");
    desk.world.settle();
    const std::string refused = visit->transport.take().at(0);
    EXPECT_EQ(member(refused, "code"), "1303");
    EXPECT_EQ(member(refused, "settled"), "true");
    EXPECT_EQ(member(refused, "re"), "1");
    visit->say(R"({"type":"change","id":2,"channel":"c","key":"k","n":2,"kind":"set","value":1})");
    desk.world.settle();
    EXPECT_EQ(member(visit->transport.take().at(0), "outcome"), "applied");
}

// The handler had handed the op on: what the time-out says nothing of may land all the same.
TEST(SessionTest, AStagesTimeOutSettlesNothingAndTheRetryIsAnsweredWithWhatLanded) {
    Desk desk;
    auto visit = desk.enter("ann");
    const auto say = [&](int id, int n) {
        visit->say(R"({"type":"change","channel":"c","key":"k","kind":"increment","path":"",)"
                   R"("by":1,"id":)" +
                   std::to_string(id) + R"(,"n":)" + std::to_string(n) + "}");
    };
    const auto timesOut = [&](int n) {
        desk.world.holdCommits = true;
        say(10 + n, n);
        desk.passMs(2'000);
        const std::vector<std::string> told = visit->transport.take();
        ASSERT_EQ(told.size(), 1U);
        EXPECT_EQ(member(told[0], "code"), "1002");
        EXPECT_EQ(member(told[0], "retry"), "true");
        EXPECT_EQ(member(told[0], "settled"), "false");
        say(20 + n, n);
        desk.world.settle();
        EXPECT_TRUE(visit->transport.take().empty()) << "its verdict is not durable yet";
        desk.world.holdCommits = false;
        desk.world.settle();
    };
    timesOut(1);
    const std::string landed = visit->transport.take().at(0);
    EXPECT_EQ(member(landed, "re"), "21");
    EXPECT_EQ(member(landed, "outcome"), "duplicate");
    EXPECT_EQ(member(landed, "original"), "applied");
    desk.world.storage.commitFaults.push_back(syncline::tests::FakeStorage::Fault::fail);
    timesOut(2);
    EXPECT_EQ(member(visit->transport.take().at(0), "settled"), "false") << "nothing landed";
    say(3, 2);
    desk.world.settle();
    const std::string late = visit->transport.take().at(0);
    EXPECT_EQ(member(late, "outcome"), "applied");
    EXPECT_EQ(member(late, "seq"), "2") << "each once";
}

TEST(SessionTest, MessagesOfAChannelWaitBehindOneThatWaitsAndOthersDoNot) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->say(R"({"type":"gated","id":1,"channel":"a"})");
    visit->say(R"({"type":"echo","id":2,"channel":"a"})");
    visit->say(R"({"type":"echo","id":3,"channel":"b"})");
    visit->say(R"({"type":"gated","id":4,"channel":"a"})");
    visit->say(R"({"type":"echo","id":5,"channel":"a"})");
    EXPECT_EQ(visit->transport.take(), std::vector<std::string>{R"({"type":"echoed","re":3})"});
    desk.runner->complete(desk.gated.at(0), pipeline::Outcome::proceed);
    EXPECT_EQ(visit->transport.take(), (std::vector<std::string>{R"({"type":"passed","re":1})",
                                                                 R"({"type":"echoed","re":2})"}));
    desk.runner->complete(desk.gated.at(1), pipeline::Outcome::stop);
    EXPECT_EQ(visit->transport.take(), std::vector<std::string>{R"({"type":"echoed","re":5})"});
}

TEST(SessionTest, ReadingPausesWhileTooMuchIsUnderWay) {
    Desk desk;
    desk.settings.pendingMax = 4;
    desk.world.holdCommits = true;
    auto visit = desk.enter("ann");
    for (int n = 1; n <= 4; ++n) {
        visit->say(R"({"type":"change","channel":"c","key":"k","kind":"set","value":1,"n":)" +
                   std::to_string(n) + "}");
    }
    EXPECT_TRUE(visit->transport.paused);
    desk.world.holdCommits = false;
    desk.world.settle();
    EXPECT_FALSE(visit->transport.paused);
}

TEST(SessionTest, AnAnswerLargerThanTheOutboxGoesOnAsThereIsRoom) {
    Desk desk;
    auto visit = desk.enter("ann");
    const std::string big(200'000, 'x');
    for (int n = 1; n <= 4; ++n) {
        const std::string number = std::to_string(n);
        visit->say(R"({"type":"change","channel":"c","kind":"set","key":"k)" + number +
                   R"(","n":)" + number + R"(,"value":")" + big + "\"}");
    }
    desk.world.settle();
    visit->transport.take();
    visit->transport.roomLeft = 500'000;
    visit->say(R"({"type":"read","id":9,"channel":"c"})");
    desk.world.settle();
    std::size_t chunks = visit->transport.take().size();
    EXPECT_EQ(visit->transport.closedWith, 0);
    EXPECT_TRUE(visit->transport.paused);
    std::string last;
    for (int round = 0; round < 10 && visit->transport.paused; ++round) {
        visit->transport.roomLeft = 500'000;
        visit->session->onRoom();
        for (std::string& text : visit->transport.take()) {
            ++chunks;
            last = std::move(text);
        }
    }
    EXPECT_GT(chunks, 1U);
    EXPECT_EQ(member(last, "more"), "false");
    EXPECT_EQ(member(last, "re"), "9");
    EXPECT_FALSE(visit->transport.paused);
}

TEST(SessionTest, WhoDoesNotTakeAnswersIsDisconnectedRatherThanLeftWithoutThem) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->transport.roomLeft = 3;
    visit->say(R"({"type":"echo","id":1})");
    EXPECT_EQ(visit->transport.closedWith, 4002);
}

TEST(SessionTest, ASessionEndsWithItsToken) {
    Desk desk;
    auto visit = desk.visit();
    json::Value principal = json::Value::object();
    principal.set("user", "ann");
    principal.set("expiresAt", desk.world.clock.wallMs() + 5'000);
    ASSERT_TRUE(visit->session->open("ann-client-0123456789012345", principal));
    desk.passMs(4'000);
    EXPECT_EQ(visit->transport.closedWith, 0);
    desk.passMs(1'100);
    EXPECT_EQ(visit->transport.closedWith, 4004);
}

TEST(SessionTest, WhatComesBackForASessionThatHasGoneFindsNobody) {
    Desk desk;
    desk.world.holdCommits = true;
    auto visit = desk.enter("ann");
    visit->say(R"({"type":"change","id":5,"channel":"c","key":"k","n":1,"kind":"set","value":1})");
    visit->say(R"({"type":"follow","id":6,"channel":"c"})");
    visit.reset();
    desk.world.holdCommits = false;
    desk.world.settle();
    EXPECT_EQ(desk.runner->underWay(), 0U);
    EXPECT_EQ(desk.world.topics[0]->subscribers("c"), 0U);
}

TEST(SessionTest, AServerThatShutsDownReadsNoMoreButStillAnswers) {
    Desk desk;
    desk.world.holdCommits = true;
    auto visit = desk.enter("ann");
    visit->say(R"({"type":"change","id":5,"channel":"c","key":"k","n":1,"kind":"set","value":1})");
    visit->session->stopReading();
    EXPECT_TRUE(visit->transport.paused);
    desk.world.holdCommits = false;
    desk.world.settle();
    EXPECT_EQ(member(visit->transport.take().at(0), "type"), "ack");
    EXPECT_TRUE(visit->transport.paused);
}

/// {"type":"renew",…} as `user`, until `expiresMs` of the desk's clock (0: for ever).
std::string renewal(const std::string& user, std::int64_t expiresMs) {
    const std::string end = expiresMs == 0 ? "" : R"(,"expiresAt":)" + std::to_string(expiresMs);
    return R"({"type":"renew","id":9,"principal":{"user":")" + user + "\"" + end + "}}";
}

TEST(SessionTest, EndsWhenItsPrincipalExpiresAndNotBefore) {
    Desk desk;
    auto visit = desk.enter("ann");
    const std::int64_t now = desk.world.clock.wallMs();
    visit->say(renewal("ann", now + 5'000));
    EXPECT_EQ(visit->transport.take().at(0),
              R"({"type":"renewed","re":9,"user":"ann","expiresAt":)" +
                  std::to_string(now + 5'000) + "}");
    desk.passMs(4'900);
    EXPECT_EQ(visit->transport.closedWith, 0);
    desk.passMs(200);
    EXPECT_EQ(visit->transport.closedWith, 4004);
}

TEST(SessionTest, GoesOnAsTheNewerPrincipalAlone) {
    Desk desk;
    auto [later, never, sooner] =
        std::tuple(desk.enter("ann"), desk.enter("ben"), desk.enter("eve"));
    const std::int64_t now = desk.world.clock.wallMs();
    later->say(renewal("ann", now + 5'000));
    later->say(renewal("ann", now + 9'000));
    never->say(renewal("ben", now + 5'000));
    never->say(renewal("ben", 0));
    sooner->say(renewal("eve", now + 9'000));
    sooner->say(renewal("eve", now + 5'000));
    desk.passMs(5'100);
    EXPECT_EQ(later->transport.closedWith, 0);
    EXPECT_EQ(sooner->transport.closedWith, 4004);
    desk.passMs(4'000);
    EXPECT_EQ(later->transport.closedWith, 4004);
    EXPECT_EQ(never->transport.closedWith, 0);
}

TEST(SessionTest, DoesNotBecomeAnotherUser) {
    Desk desk;
    auto visit = desk.enter("ann");
    const std::int64_t now = desk.world.clock.wallMs();
    visit->say(renewal("ann", now + 5'000));
    visit->transport.take();
    visit->say(renewal("ben", now + 9'000));
    EXPECT_EQ(member(visit->transport.take().at(0), "code"), "1304");
    visit->say(R"({"type":"renew","id":9,"principal":{}})");
    EXPECT_EQ(member(visit->transport.take().at(0), "code"), "1004");
    EXPECT_EQ(visit->session->principal()->user, "ann");
    desk.passMs(5'100);
    EXPECT_EQ(visit->transport.closedWith, 4004);
}

}  // namespace
}  // namespace syncline::session::tests
