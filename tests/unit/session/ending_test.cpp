// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "desk.h"

namespace syncline::session::tests {
namespace {

core::Error goodbye() {
    core::Error error = core::Error::of(core::Code::draining, "so long");
    error.retryAfterMs = 1'500;
    return error;
}

TEST(EndingTest, WhoIsNotReadAnyMoreIsStillAnswered) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->say(R"({"type":"gated","id":1,"channel":"a"})");
    visit->session->stopReading();
    EXPECT_TRUE(visit->transport.paused);
    desk.runner->complete(desk.gated.at(0), pipeline::Outcome::proceed);
    desk.world.settle();
    EXPECT_EQ(visit->transport.take(), std::vector<std::string>{R"({"type":"passed","re":1})"});
    EXPECT_TRUE(visit->transport.paused) << "and nothing wakes the reading again";
}

TEST(EndingTest, WhoIsSentAwayIsToldWhyAndWhenToComeBack) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->session->goAway(goodbye());
    ASSERT_TRUE(visit->transport.sentAway);
    EXPECT_EQ(visit->transport.sentAway->reason, "so long");
    EXPECT_EQ(visit->transport.sentAway->retryAfterMs, 1'500U);
    EXPECT_TRUE(visit->session->closing());
}

TEST(EndingTest, WhoHasGoneIsNotToldAgain) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->session->close(CloseCode::noPong, "gone");
    visit->session->goAway(goodbye());
    EXPECT_EQ(visit->transport.closedWith, 4003);
    EXPECT_FALSE(visit->transport.sentAway);
}

TEST(EndingTest, WhoIsSentAwayDuringACallGetsNothingMore) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->say(R"({"type":"gated","id":1,"channel":"a"})");
    visit->session->goAway(goodbye());
    desk.world.settle();
    EXPECT_TRUE(visit->transport.take().empty());
    EXPECT_EQ(desk.runner->underWay(), 0U);
}

TEST(EndingTest, WhatDoesNotEndIsAnsweredUnsettledBeforeTheGoodbye) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->say(R"({"type":"gated","id":7,"channel":"c","n":1})");
    visit->say(R"({"type":"change","id":8,"channel":"c","key":"k","n":2,"kind":"set","value":1})");
    visit->session->giveUp(goodbye());
    const std::vector<std::string> told = visit->transport.take();
    ASSERT_EQ(told.size(), 2U);
    for (const std::string& one : told) {
        EXPECT_EQ(member(one, "code"), "1502");
        EXPECT_EQ(member(one, "settled"), "false");
        EXPECT_EQ(member(one, "retryAfterMs"), "1500");
    }
    EXPECT_EQ(member(told[0], "re"), "8") << "it waited for the other";
    EXPECT_EQ(member(told[0], "n"), "2");
    EXPECT_EQ(member(told[1], "re"), "7");
    EXPECT_EQ(desk.runner->underWay(), 0U);
}

TEST(EndingTest, AnOpThatIsBeingCommittedIsAnsweredUnsettledUnderItsNumber) {
    Desk desk;
    auto visit = desk.enter("ann");
    desk.world.holdCommits = true;
    visit->say(R"({"type":"change","channel":"c","key":"k","n":1,"kind":"set","value":1})");
    desk.world.settle();
    visit->session->giveUp(goodbye());
    const std::string told = visit->transport.take().at(0);
    EXPECT_EQ(member(told, "n"), "1");
    EXPECT_EQ(member(told, "settled"), "false");
}

TEST(EndingTest, ATransportThatHasNothingToSayOfItClosesWith4001) {
    struct Plain final : FakeTransport {
        void goAway(const core::Error& draining) override { Transport::goAway(draining); }
    };
    Desk desk;
    Plain transport;
    Session session(*desk.context, transport, desk.chain);
    session.goAway(goodbye());
    EXPECT_EQ(transport.closedWith, 4001);
}

}  // namespace
}  // namespace syncline::session::tests
