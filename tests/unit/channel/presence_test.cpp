// SPDX-License-Identifier: Apache-2.0
// Who is present in a channel, as its home keeps it.
#include <gmock/gmock.h>

#include "channel/presence_board.h"
#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using tests::member;
using Kind = PresenceChange::Kind;

/// A board whose words are written down.
class PresenceTest : public testing::Test {
protected:
    PresenceBoard& board() {
        if (!board_) {
            board_ = std::make_unique<PresenceBoard>(
                shard, limits, [this](const std::string& channel, broadcast::Signal signal) {
                    EXPECT_EQ(channel, "room");
                    for (const std::string& text : tests::unframed(*signal.frames))
                        told.push_back(shown(text));
                    sender = signal.sender;
                });
        }
        return *board_;
    }

    /// "joined ann/a {…} 1"
    static std::string shown(const std::string& text) {
        return member(text, "type") + " " + member(text, "user") + "/" + member(text, "origin") +
               " " + member(text, "state") + " " + member(text, "sessions");
    }

    static PresenceChange change(Kind kind, const std::string& user, const std::string& client,
                                 std::uint64_t session, std::optional<std::string> state = {}) {
        return {kind, {user, client + "-secret", client}, {0, session}, std::move(state), false,
                false};
    }

    core::Result<void> say(Kind kind, const std::string& user, const std::string& client,
                           std::uint64_t session, std::optional<std::string> state = {}) {
        return board().change("room", change(kind, user, client, session, std::move(state)));
    }

    std::vector<std::string> take() { return std::exchange(told, {}); }

    void passMs(std::int64_t ms) {
        clock.advanceMs(ms);
        shard.settle();
    }

    std::string members(bool byUser = false) {
        return member(board().members("room", byUser).at(0), "members");
    }

    tests::FakeClock clock;
    tests::FakeShard shard{clock};
    PresenceBoard::Limits limits{100, 50, 100'000, 1'000, 10'000};
    std::vector<std::string> told;
    broadcast::Signal::Sender sender;

private:
    std::unique_ptr<PresenceBoard> board_;
};

TEST_F(PresenceTest, TellsWhoJoinsChangesAndLeaves) {
    EXPECT_TRUE(say(Kind::enter, "ann", "a", 1, "1"));
    EXPECT_EQ(sender, (broadcast::Signal::Sender{0, 1}));
    EXPECT_TRUE(say(Kind::enter, "ann", "a", 1, "2"));
    EXPECT_TRUE(say(Kind::leave, "ann", "a", 1));
    EXPECT_THAT(take(), ElementsAre("joined ann/a 1 1", "changed ann/a 2 1", "left ann/a 2 0"));
    EXPECT_EQ(board().bytes(), 0U);
}

TEST_F(PresenceTest, SaysNothingOfWhatDoesNotChange) {
    say(Kind::enter, "ann", "a", 1, "1");
    take();
    say(Kind::enter, "ann", "a", 1, "1");
    say(Kind::enter, "ann", "a", 1);
    say(Kind::look, "ben", "b", 2);
    say(Kind::leave, "ben", "b", 2);
    say(Kind::depart, "ben", "b", 2);
    EXPECT_THAT(take(), IsEmpty());
    EXPECT_EQ(members(), R"([{"user":"ann","origin":"a","state":1}])");
}

TEST_F(PresenceTest, ListsByClientAndByUser) {
    say(Kind::enter, "ann", "a1", 1);
    say(Kind::enter, "ann", "a2", 2, R"({"x":1})");
    say(Kind::enter, "ben", "b", 3);
    EXPECT_THAT(take(),
                ElementsAre("joined ann/a1  1", "joined ann/a2 {\"x\":1} 2", "joined ben/b  1"));
    EXPECT_EQ(members(), R"([{"user":"ann","origin":"a1"},)"
                         R"({"user":"ann","origin":"a2","state":{"x":1}},)"
                         R"({"user":"ben","origin":"b"}])");
    EXPECT_EQ(members(true), R"([{"user":"ann","sessions":2},{"user":"ben","sessions":1}])");
}

TEST_F(PresenceTest, WhoComesBackInTimeNeitherLeftNorJoined) {
    say(Kind::enter, "ann", "a", 1, "1");
    take();
    say(Kind::depart, "ann", "a", 1);
    passMs(900);
    say(Kind::enter, "ann", "a", 2);
    passMs(5'000);
    EXPECT_THAT(take(), IsEmpty());
    EXPECT_EQ(members(), R"([{"user":"ann","origin":"a","state":1}])");
}

TEST_F(PresenceTest, WhoComesBackWithAnotherStateHasChanged) {
    say(Kind::enter, "ann", "a", 1, "1");
    say(Kind::depart, "ann", "a", 1);
    take();
    say(Kind::enter, "ann", "a", 2, "2");
    EXPECT_THAT(take(), ElementsAre("changed ann/a 2 1"));
}

TEST_F(PresenceTest, WhoDoesNotComeBackLeavesWhenTheTimeIsOver) {
    say(Kind::enter, "ann", "a", 1, "1");
    say(Kind::enter, "ben", "b", 2);
    take();
    say(Kind::depart, "ann", "a", 1);
    passMs(500);
    say(Kind::depart, "ben", "b", 2);
    passMs(490);
    EXPECT_THAT(take(), IsEmpty());
    passMs(20);
    EXPECT_THAT(take(), ElementsAre("left ann/a 1 0"));
    passMs(500);
    EXPECT_THAT(take(), ElementsAre("left ben/b  0"));
}

TEST_F(PresenceTest, EveryDepartureHasItsFullTime) {
    say(Kind::enter, "ann", "a", 1);
    take();
    for (std::uint64_t session = 1; session <= 5; ++session) {
        say(Kind::depart, "ann", "a", session);
        passMs(600);
        say(Kind::enter, "ann", "a", session + 1);
    }
    EXPECT_THAT(take(), IsEmpty());
    say(Kind::depart, "ann", "a", 6);
    passMs(1'010);
    EXPECT_THAT(take(), ElementsAre("left ann/a  0"));
}

TEST_F(PresenceTest, TheEndOfASessionThatWasReplacedChangesNothing) {
    say(Kind::enter, "ann", "a", 1);
    say(Kind::enter, "ann", "a", 2);
    take();
    say(Kind::depart, "ann", "a", 1);
    say(Kind::leave, "ann", "a", 1);
    passMs(5'000);
    EXPECT_THAT(take(), IsEmpty());
}

TEST_F(PresenceTest, LimitsTheState) {
    const auto state = [](std::size_t bytes) { return "\"" + std::string(bytes - 2, 'x') + "\""; };
    EXPECT_TRUE(say(Kind::enter, "ann", "a", 1, state(50)));
    const auto refused = say(Kind::enter, "ann", "a", 1, state(51));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, core::Code::tooLarge);
    EXPECT_THAT(members(), HasSubstr(state(50)));
}

TEST_F(PresenceTest, LimitsTheMembersOfAChannel) {
    limits.membersMax = 2;
    EXPECT_TRUE(say(Kind::enter, "ann", "a", 1));
    EXPECT_TRUE(say(Kind::enter, "ben", "b", 2));
    const auto refused = say(Kind::enter, "cat", "c", 3);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, core::Code::memoryExhausted);
    EXPECT_TRUE(say(Kind::enter, "ben", "b", 2, "1")) << "who is there may change";
    say(Kind::leave, "ann", "a", 1);
    EXPECT_TRUE(say(Kind::enter, "cat", "c", 3));
}

TEST_F(PresenceTest, LimitsWhatAllMembersTakeTogether) {
    limits.bytesMax = 2'000;
    std::uint64_t session = 0;
    while (say(Kind::enter, "ann", std::to_string(session + 1), session + 1, "1")) ++session;
    EXPECT_GT(session, 2U);
    EXPECT_LE(board().bytes(), 2'000U);
    while (session != 0) {
        say(Kind::leave, "ann", std::to_string(session), session);
        --session;
    }
    EXPECT_EQ(board().bytes(), 0U);
}

TEST_F(PresenceTest, ALongListComesInSeveralMessages) {
    limits.messageBytesMax = 100;
    for (std::uint64_t i = 10; i < 30; ++i) say(Kind::enter, "ann", std::to_string(i), i);
    const std::vector<std::string> bodies = board().members("room", false);
    EXPECT_GT(bodies.size(), 3U);
    std::size_t listed = 0;
    for (const std::string& body : bodies) {
        EXPECT_EQ(member(body, "more"), &body == &bodies.back() ? "false" : "true");
        listed += tests::parsed(body).find("members")->size();
    }
    EXPECT_EQ(listed, 20U);
}

TEST_F(PresenceTest, AnEmptyListIsAMessageToo) {
    EXPECT_THAT(board().members("room", false),
                ElementsAre(R"({"type":"presence","channel":"room","members":[],"more":false})"));
}

/// The same behind the directory, over two shards.
struct House {
    House() {
        world.settings.channels.front().presence = true;
        world.directory();
    }

    std::vector<std::string> say(PresenceChange change, std::size_t shard = 0,
                                 const std::string& channel = "room") {
        std::vector<std::string> bodies;
        world.directory().presence(
            world.shard(shard), channel, std::move(change),
            [&bodies](std::vector<std::string> given) { bodies = std::move(given); });
        world.settle();
        return bodies;
    }

    static PresenceChange enter(const std::string& user) {
        return {Kind::enter, {user, user + "-secret", user}, {0, 1}, std::nullopt, false, false};
    }

    tests::World world{2};
};

TEST(PresenceOfAChannel, IsAskedForFromAnyShard) {
    House house;
    for (std::size_t shard : {0, 1}) {
        const auto bodies = house.say(House::enter("u" + std::to_string(shard)), shard);
        ASSERT_EQ(bodies.size(), 1U);
        EXPECT_EQ(tests::parsed(bodies[0]).find("members")->size(), shard + 1);
    }
}

TEST(PresenceOfAChannel, NeedsARuleThatAllowsIt) {
    House house;
    EXPECT_EQ(member(house.say(House::enter("ann"), 0, "$bad").at(0), "code"), "1104");
    tests::World closed;
    std::string code;
    closed.directory().presence(
        closed.shard(), "room", House::enter("ann"),
        [&code](std::vector<std::string> bodies) { code = member(bodies.at(0), "code"); });
    closed.settle();
    EXPECT_EQ(code, "1503");
}

TEST(PresenceOfAChannel, WhoHasGoneIsKnownHoweverBusyTheHomeIs) {
    House house;
    house.say(House::enter("ann"));
    for (std::size_t shard : {0, 1}) house.world.shard(shard).inboxFull = true;
    for (std::size_t shard : {0, 1}) {
        PresenceChange leave = House::enter("ann");
        leave.kind = Kind::leave;
        house.world.directory().presence(house.world.shard(shard), "room", std::move(leave), {});
        house.world.settle();
    }
    for (std::size_t shard : {0, 1}) house.world.shard(shard).inboxFull = false;
    PresenceChange look = House::enter("ben");
    look.kind = Kind::look;
    EXPECT_EQ(member(house.say(std::move(look)).at(0), "members"), "[]");
}

}  // namespace
}  // namespace syncline::channel
