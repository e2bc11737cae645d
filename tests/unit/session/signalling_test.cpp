// SPDX-License-Identifier: Apache-2.0
// Signals and presence, as a session sends and gets them.
#include <gmock/gmock.h>

#include "unit/session/desk.h"

namespace syncline::session::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Visit = Desk::Visit;

/// "type channel/user data-or-state", with `re` in front of an answer.
std::string shown(const std::string& text) {
    std::string line = member(text, "type");
    for (const char* name : {"channel", "user", "data", "state", "sessions", "code"})
        if (const std::string value = member(text, name); !value.empty()) line += " " + value;
    const std::string re = member(text, "re");
    return re.empty() ? line : re + ": " + line;
}

std::vector<std::string> heard(Visit& visit) {
    std::vector<std::string> lines;
    for (const std::string& text : visit.transport.take()) lines.push_back(shown(text));
    return lines;
}

/// One who follows "c"; what they were told so far is taken.
std::unique_ptr<Visit> follower(Desk& desk, const std::string& user, const std::string& more = "") {
    auto visit = desk.enter(user);
    visit->say(R"({"type":"follow","id":2,"channel":"c")" + more + "}");
    desk.world.settle();
    visit->transport.take();
    return visit;
}

void withPresence(syncline::tests::World& world) {
    world.settings.channels.front().presence = true;
    world.settings.presenceGraceMs = 1'000;
}

TEST(SignallingTest, TheOthersGetItAndTheSenderAnAnswer) {
    Desk desk;
    auto ann = follower(desk, "ann");
    auto ben = follower(desk, "ben");
    auto cat = desk.enter("cat");
    ann->say(R"({"type":"signal","id":3,"channel":"c","body":{"data":7}})");
    desk.world.settle();
    EXPECT_THAT(heard(*ann), ElementsAre("3: signalled"));
    EXPECT_THAT(heard(*ben), ElementsAre("told c ann 7"));
    EXPECT_THAT(heard(*cat), IsEmpty());
    cat->say(R"({"type":"signal","channel":"c","body":{"data":8}})");
    desk.world.settle();
    EXPECT_THAT(heard(*ann), ElementsAre("told c cat 8"));
    EXPECT_THAT(heard(*cat), IsEmpty()) << "without an id there is no answer";
}

TEST(SignallingTest, WhoTheSenderIsCannotBePretended) {
    Desk desk;
    auto ann = desk.enter("ann");
    auto ben = follower(desk, "ben");
    ann->say(R"({"type":"signal","channel":"c","body":)"
             R"({"type":"x","re":1,"channel":"d","user":"eve","origin":"o","data":7}})");
    desk.world.settle();
    const std::string text = ben->transport.take().at(0);
    EXPECT_EQ(text, R"({"type":"told","channel":"c","user":"ann","origin":")" +
                        ann->session->author().origin + R"(","data":7})");
}

TEST(SignallingTest, EveryConnectionOfTheUserGetsItThatHasRoomAndIsNotEnding) {
    Desk desk;
    auto ann = desk.enter("ann");
    auto older = desk.enter("ben");
    auto ben = desk.enter("ben");
    EXPECT_EQ(older->transport.closedWith, 4504);
    const auto send = [&](const std::string& user) {
        ann->say(R"({"type":"signal","id":3,"user":")" + user + R"(","body":{"data":7}})");
        desk.world.settle();
        return member(ann->transport.take().back(), "connections");
    };
    EXPECT_EQ(send("ben"), "1");
    EXPECT_THAT(heard(*ben), ElementsAre("told ann 7"));
    EXPECT_THAT(heard(*older), IsEmpty());
    ben->transport.roomLeft = 0;
    EXPECT_EQ(send("ben"), "0");
    EXPECT_EQ(ben->transport.closedWith, 0) << "nobody waits for a signal";
    EXPECT_EQ(send("nobody"), "0");
    EXPECT_EQ(send("ann"), "1") << "one's own connections too";
}

TEST(SignallingTest, LimitsOneSignalAndChecksNames) {
    Desk desk;
    desk.settings.signalBytesMax = 200;
    auto ann = desk.enter("ann");
    const std::string large = R"("body":{"data":")" + std::string(200, 'x') + "\"}}";
    ann->say(R"({"type":"signal","id":1,"channel":"c",)" + large);
    ann->say(R"({"type":"signal","id":2,"user":"ben",)" + large);
    ann->say(R"({"type":"signal","id":3,"user":"$ben","body":{}})");
    ann->say(R"({"type":"signal","id":4,"channel":"$c","body":{}})");
    desk.world.settle();
    EXPECT_THAT(heard(*ann), ElementsAre("1: error c 1203", "2: error 1203", "3: error 1104",
                                         "4: error $c 1104"));
}

TEST(SignallingTest, WhoIsPresentIsAnsweredAndTheOthersAreTold) {
    Desk desk(withPresence);
    auto ann = follower(desk, "ann");
    auto ben = follower(desk, "ben");
    ann->say(R"({"type":"attend","id":3,"channel":"c","state":{"at":1}})");
    desk.world.settle();
    const auto told = ann->transport.take();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(member(told[0], "type"), "presence");
    EXPECT_EQ(member(told[0], "re"), "3");
    EXPECT_THAT(member(told[0], "members"), HasSubstr(R"("state":{"at":1})"));
    ann->say(R"({"type":"attend","channel":"c","state":2})");
    ann->say(R"({"type":"attend","channel":"c","state":null})");
    desk.world.settle();
    EXPECT_THAT(heard(*ann), IsEmpty()) << "without an id there is no answer";
    EXPECT_THAT(heard(*ben),
                ElementsAre("joined c ann {\"at\":1} 1", "changed c ann 2 1", "left c ann 2 0"));
}

TEST(SignallingTest, PresenceNeedsASubscriptionAndAGoodRequest) {
    Desk desk(withPresence);
    auto ann = desk.enter("ann");
    ann->say(R"({"type":"attend","channel":"c","state":1})");
    EXPECT_THAT(heard(*ann), ElementsAre("error c 1202"));
    auto ben = follower(desk, "ben");
    ben->say(R"({"type":"attend","id":3,"channel":"c","by":"name"})");
    EXPECT_THAT(heard(*ben), ElementsAre("3: error c 1102"));
    ben->say(R"({"type":"follow","id":4,"channel":"c","presence":1})");
    EXPECT_THAT(heard(*ben), ElementsAre("4: error c 1102"));
}

TEST(SignallingTest, AChannelWithoutPresenceSaysSo) {
    Desk desk;
    auto ann = follower(desk, "ann");
    ann->say(R"({"type":"attend","channel":"c","state":1})");
    desk.world.settle();
    EXPECT_THAT(heard(*ann), ElementsAre("error c 1503"));
    ann->say(R"({"type":"follow","id":4,"channel":"c","presence":true})");
    desk.world.settle();
    EXPECT_THAT(heard(*ann),
                ElementsAre("4: subscribed c", "snapshot c", "live c", "error c 1503"));
}

TEST(SignallingTest, SubscribingWithPresenceJoinsAndListsOnceLive) {
    Desk desk(withPresence);
    auto ann = follower(desk, "ann");
    auto ben = desk.enter("ben");
    ben->say(R"({"type":"follow","id":2,"channel":"c","presence":true})");
    desk.world.settle();
    const auto told = ben->transport.take();
    ASSERT_EQ(told.size(), 4U);
    EXPECT_EQ(member(told[2], "type"), "live");
    EXPECT_EQ(member(told[3], "type"), "presence");
    EXPECT_THAT(member(told[3], "members"), HasSubstr("\"ben\""));
    EXPECT_THAT(heard(*ann), ElementsAre("joined c ben 1"));
    ben->say(R"({"type":"leave","channel":"c"})");
    desk.world.settle();
    EXPECT_THAT(heard(*ann), ElementsAre("left c ben 0"));
}

TEST(SignallingTest, AConnectionThatIsLostLeavesWhenTheTimeIsOver) {
    for (const bool closed : {false, true}) {
        Desk desk(withPresence);
        auto ann = follower(desk, "ann");
        auto ben = follower(desk, "ben", R"(,"presence":true)");
        EXPECT_THAT(heard(*ann), ElementsAre("joined c ben 1"));
        if (closed) ben->session->close(CloseCode::noPong, "gone");
        ben.reset();
        desk.passMs(900);
        EXPECT_THAT(heard(*ann), IsEmpty());
        desk.passMs(200);
        EXPECT_THAT(heard(*ann), ElementsAre("left c ben 0"));
    }
}

TEST(SignallingTest, WhoComesBackInTimeNeverLeft) {
    Desk desk(withPresence);
    auto ann = follower(desk, "ann");
    auto ben = follower(desk, "ben", R"(,"presence":true)");
    ben->say(R"({"type":"attend","channel":"c","state":"here"})");
    desk.world.settle();
    ann->transport.take();
    ben.reset();
    desk.passMs(500);
    ben = desk.enter("ben");
    ben->say(R"({"type":"follow","id":2,"channel":"c","presence":true})");
    desk.world.settle();
    desk.passMs(5'000);
    EXPECT_THAT(heard(*ann), IsEmpty());
    const auto told = ben->transport.take();
    EXPECT_THAT(member(told.at(3), "members"), HasSubstr(R"("state":"here")"));
}

TEST(SignallingTest, AMemberWhoseNextStateWasRefusedStillLeavesWithItsConnection) {
    Desk desk([](syncline::tests::World& world) {
        withPresence(world);
        world.settings.presenceStateBytesMax = 10;
    });
    auto ann = follower(desk, "ann");
    auto ben = follower(desk, "ben");
    ben->say(R"({"type":"attend","channel":"c","state":1})");
    ben->say(R"({"type":"attend","channel":"c","state":"much too long for this"})");
    desk.world.settle();
    EXPECT_THAT(heard(*ben), ElementsAre("error c 1203"));
    ann->transport.take();
    ben.reset();
    desk.world.settle();
    desk.passMs(5'000);
    EXPECT_THAT(heard(*ann), ElementsAre("left c ben 1 0"));
}

TEST(SignallingTest, WhoResumesWithPresenceIsThereAgain) {
    Desk desk(withPresence);
    auto ann = follower(desk, "ann");
    auto ben = desk.visit();
    ben->say(R"({"type":"enter","id":1,"user":"ben","resume":[{"channel":"c","presence":true}]})");
    desk.world.settle();
    EXPECT_THAT(heard(*ann), ElementsAre("joined c ben 1"));
}

TEST(SignallingTest, WhoSubscribesAnewStaysPresent) {
    Desk desk(withPresence);
    auto ann = follower(desk, "ann");
    auto ben = follower(desk, "ben", R"(,"presence":true)");
    ann->transport.take();
    ben->say(R"({"type":"follow","id":3,"channel":"c"})");
    desk.world.settle();
    desk.passMs(5'000);
    EXPECT_THAT(heard(*ann), IsEmpty());
    EXPECT_EQ(heard(*ben).back(), "presence c");
}

}  // namespace
}  // namespace syncline::session::tests
