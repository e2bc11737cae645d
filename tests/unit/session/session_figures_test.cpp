// SPDX-License-Identifier: Apache-2.0
#include "session/session_figures.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "json/write.h"
#include "unit/session/desk.h"

namespace syncline::session::tests {
namespace {

class RecordingSink final : public channel::EventSink {
public:
    bool wants(channel::EventKind) const override { return true; }
    void take(channel::EventKind kind, json::Value body) override {
        kinds.emplace_back(channel::kEventNames[static_cast<std::size_t>(kind)]);
        bodies.push_back(json::toText(body));
    }

    std::vector<std::string> kinds;
    std::vector<std::string> bodies;
};

std::uint64_t endedWith(Desk& desk, std::uint16_t code) {
    auto& sessions = desk.context->figures.of("test");
    return sessions.ended[SessionFigures::placeOf(code)].get();
}

TEST(SessionFigures, CountsWhoIsThereAndHowTheyEnded) {
    Desk desk;
    auto first = desk.enter("ann");
    auto second = desk.enter("bob");
    auto& sessions = desk.context->figures.of("test");
    EXPECT_EQ(sessions.open.get(), 2U);
    first->session->close(CloseCode::noPong, "");
    first.reset();
    second.reset();
    EXPECT_EQ(sessions.open.get(), 0U);
    EXPECT_EQ(sessions.began.get(), 2U);
    EXPECT_EQ(endedWith(desk, 4003), 1U);
    EXPECT_EQ(endedWith(desk, 1006), 1U);
}

TEST(SessionFigures, ACodeThatAClientInventsIsOneOfTheOthers) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->session->close(static_cast<CloseCode>(3777), "");
    EXPECT_EQ(endedWith(desk, 0), 1U);
    EXPECT_EQ(endedWith(desk, 3778), 1U) << "the same place";
}

TEST(SessionFigures, CountsErrorsByCodeAndTypesThatNobodyHandles) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->say(R"({"type":"no such type","id":1})");
    visit->say("no json");
    const SessionFigures& figures = desk.context->figures;
    EXPECT_EQ(figures.unknownTypes.get(), 1U);
    EXPECT_EQ(figures.malformed.get(), 1U);
    EXPECT_EQ(figures.errors[1103 - SessionFigures::kErrorFirst].get(), 1U);
    EXPECT_EQ(figures.errors[1101 - SessionFigures::kErrorFirst].get(), 1U);
}

TEST(SessionFigures, CountsAClientThatDidNotKeepUpAndHowItCameBack) {
    Desk desk;
    auto slow = desk.enter("ann");
    slow->say(R"({"type":"follow","id":2,"channel":"c"})");
    desk.world.settle();
    auto other = desk.enter("bob");
    slow->transport.roomLeft = 10;
    other->say(R"({"type":"change","id":3,"channel":"c","n":1,"key":"k","kind":"set","value":1})");
    desk.world.settle();
    const SessionFigures& figures = desk.context->figures;
    EXPECT_EQ(figures.slow[0].get(), 1U);
    EXPECT_EQ(figures.subscribed.get(), 1U);
    slow->transport.roomLeft = 1U << 20;
    slow->session->onRoom();
    desk.world.settle();
    EXPECT_EQ(figures.recoveries[static_cast<std::size_t>(channel::CatchUpMode::tail)].get(), 1U);
    EXPECT_EQ(figures.subscriptions.get(), 1U);
}

TEST(SessionFigures, APongTellsTheRoundTrip) {
    Desk desk;
    auto visit = desk.enter("ann");
    EXPECT_EQ(visit->session->describe().roundTripUs, -1);
    desk.passMs(desk.settings.heartbeatMs + 1);
    ASSERT_EQ(visit->transport.pings, 1);
    desk.passMs(30);
    visit->session->onPong();
    EXPECT_EQ(visit->session->describe().roundTripUs, 30'000);
    visit->session->onPong();
    EXPECT_EQ(visit->session->describe().roundTripUs, 30'000) << "nobody asked";
}

TEST(SessionEvents, TellWhoCameFollowedAndWent) {
    Desk desk;
    RecordingSink sink;
    desk.context->events = &sink;
    auto visit = desk.enter("ann");
    const std::string id(visit->session->describe().id);
    visit->say(R"({"type":"follow","id":2,"channel":"c"})");
    desk.world.settle();
    visit->session->close(CloseCode::draining, "so long");
    visit.reset();
    ASSERT_EQ(sink.kinds, (std::vector<std::string>{"connected", "subscribed", "disconnected"}));
    EXPECT_EQ(member(sink.bodies[0], "user"), "ann");
    EXPECT_EQ(member(sink.bodies[0], "session"), id);
    EXPECT_EQ(member(sink.bodies[1], "channel"), "c");
    EXPECT_EQ(member(sink.bodies[1], "mode"), "snapshot");
    EXPECT_EQ(member(sink.bodies[2], "code"), "4001");
    EXPECT_EQ(member(sink.bodies[2], "reason"), "so long");
}

TEST(SessionEvents, NothingIsToldOfWhoNeverOpenedASession) {
    Desk desk;
    RecordingSink sink;
    desk.context->events = &sink;
    desk.visit().reset();
    EXPECT_TRUE(sink.kinds.empty());
}

}  // namespace
}  // namespace syncline::session::tests
