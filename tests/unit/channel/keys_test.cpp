// SPDX-License-Identifier: Apache-2.0
// Writes under an Idempotency-Key: each happens once, and has no number that anybody sees.
#include "unit/channel/judge.h"

namespace syncline::channel {
namespace {

using tests::base;
using tests::Client;
using tests::increment;
using tests::Listener;
using tests::member;
using tests::parsed;
using tests::set;
using tests::Strict;
using tests::World;

/// Another server that writes.
class Robot {
public:
    explicit Robot(World& world, std::string user = "robot") : world_(world) {
        author_.user = std::move(user);
    }

    std::size_t post(const std::string& key, const std::string& members) {
        const std::size_t place = replies.size();
        replies.emplace_back();
        world_.directory().write(
            world_.shard(), "room", parsed("{" + members + "}"), author_, key,
            [this, place](std::string body) { replies[place] = std::move(body); });
        return place;
    }

    std::string write(const std::string& key, const std::string& members) {
        const std::size_t place = post(key, members);
        world_.settle();
        return replies[place];
    }

    std::vector<std::string> replies;

private:
    World& world_;
    Author author_;
};

TEST(Keys, AWriteHappensOnceUnderItsKey) {
    World world;
    Robot robot(world);
    Client ann(world, "ann");
    EXPECT_EQ(member(robot.write("k1", increment("a", "", 5)), "outcome"), "applied");
    const std::string again = robot.write("k1", increment("a", "", 5));
    EXPECT_EQ(member(again, "outcome"), "duplicate");
    EXPECT_EQ(member(again, "seq"), "1");
    EXPECT_EQ(member(robot.write("k2", increment("a", "", 5)), "seq"), "2");
    EXPECT_EQ(ann.value("a"), "10");
}

TEST(Keys, AnotherBodyUnderTheSameKeyIsRefusedAndChangesNothing) {
    World world;
    Robot robot(world);
    robot.write("k", set("a", "1"));
    for (const std::string& other : {set("a", "2"), set("b", "1"), increment("a", "", 1)}) {
        const std::string reply = robot.write("k", other);
        EXPECT_EQ(member(reply, "code"), "1208") << other;
        EXPECT_EQ(member(reply, "reason"), "this key was used for another write");
    }
    EXPECT_EQ(world.storage.log("room").size(), 1U);
}

TEST(Keys, BelongToTheirUser) {
    World world;
    Robot robot(world);
    Robot other(world, "other");
    robot.write("k", set("a", "1"));
    EXPECT_EQ(member(other.write("k", set("a", "2")), "seq"), "2");
}

TEST(Keys, AreKeptWithTheirOutcomeThroughCrashAndCheckpoint) {
    for (const std::size_t checkpointOpsMax : {std::size_t{1}, std::size_t{1'000}}) {
        World world;
        world.settings.checkpointOpsMax = checkpointOpsMax;
        world.settings.channels[0].historyOpsMax = 100;
        Robot robot(world);
        robot.write("k", set("a", "1"));
        for (int i = 0; i < 150; ++i) robot.write("other" + std::to_string(i), set("b", "1"));
        world.crash();
        const std::string again = robot.write("k", set("a", "1"));
        EXPECT_EQ(member(again, "outcome"), "duplicate");
        EXPECT_EQ(member(again, "seq"), "1");
        EXPECT_EQ(member(robot.write("k", set("a", "9")), "code"), "1208");
    }
}

TEST(Keys, ARepeatWhileTheFirstIsInFlightWaitsForItsVerdict) {
    World world;
    Robot robot(world);
    robot.write("first", set("b", "1"));
    world.holdCommits = true;
    robot.post("k", set("a", "1"));
    robot.post("k", set("a", "1"));
    world.settle();
    EXPECT_EQ(robot.replies[1], "");
    EXPECT_EQ(robot.replies[2], "");
    world.holdCommits = false;
    world.settle();
    EXPECT_EQ(member(robot.replies[1], "outcome"), "applied");
    EXPECT_EQ(member(robot.replies[2], "outcome"), "duplicate");
}

TEST(Keys, AFailedCommitKeepsNothingSoThatTheKeyMayBeUsedAgain) {
    World world;
    Robot robot(world);
    robot.write("first", set("b", "1"));
    world.storage.commitFaults = {tests::FakeStorage::Fault::fail};
    EXPECT_EQ(member(robot.write("k", set("a", "1")), "settled"), "false");
    EXPECT_EQ(member(robot.write("k", set("a", "1")), "outcome"), "applied");
}

TEST(Keys, ARefusalIsAnOutcomeToo) {
    World world;
    Robot robot(world);
    robot.write("text", set("a", "\"text\""));
    EXPECT_EQ(member(robot.write("k", increment("a", "", 1)), "code"), "1205");
    robot.write("number", set("a", "1"));
    const std::string again = robot.write("k", increment("a", "", 1));
    EXPECT_EQ(member(again, "code"), "1205");
    EXPECT_EQ(member(again, "duplicate"), "true");
}

TEST(Keys, OthersSeeWhoWroteAndNeitherNumberNorOrigin) {
    World world;
    Robot robot(world);
    Client ann(world, "ann");
    Listener listener;
    ASSERT_TRUE(ann.subscribe());
    world.topics[0]->add("room", listener, listener.membership);
    robot.write("k", set("a", "1"));
    ASSERT_EQ(listener.updates.size(), 1U);
    EXPECT_EQ(member(listener.updates[0], "user"), "robot");
    EXPECT_EQ(member(listener.updates[0], "n"), "");
    EXPECT_EQ(member(listener.updates[0], "origin"), "");
}

TEST(Keys, TwoWritesOfOneUserAreAnothersToEachOther) {
    Strict strict;
    Robot robot(strict.world);
    robot.write("k1", set("a", "1"));
    const std::string reply = robot.write("k2", set("a", "2", base(0)));
    EXPECT_EQ(member(reply, "type"), "conflict");
    EXPECT_EQ(strict.judge.theirBy, "robot");
    EXPECT_EQ(member(robot.write("k3", set("a", "3", base(1))), "outcome"), "applied");
}

TEST(Keys, AreForgottenWithTheStreamsAndOnlySoManyAreRemembered) {
    World world;
    world.settings.keysMax = 3;
    world.settings.checkpointOpsMax = 1;
    world.settings.channels[0].historyOpsMax = 0;
    Robot robot(world);
    Client ann(world, "ann");
    for (const char* key : {"k1", "k2", "k3"}) {
        EXPECT_EQ(member(robot.write(key, set("a", "1")), "outcome"), "applied");
    }
    const std::string refused = robot.write("k4", set("a", "1"));
    EXPECT_EQ(member(refused, "code"), "1404");
    EXPECT_EQ(member(refused, "settled"), "false");
    EXPECT_EQ(member(robot.write("k1", set("a", "1")), "outcome"), "duplicate");
    EXPECT_EQ(member(ann.send(set("a", "2")), "outcome"), "applied") << "numbers have no key";
    world.clock.advanceMs(world.settings.streamAgeMsMax + 1);
    for (int i = 0; i < 200; ++i) ann.send(set("a", "3"));
    EXPECT_EQ(member(robot.write("k4", set("a", "1")), "outcome"), "applied");
    EXPECT_EQ(member(robot.write("k1", set("a", "1")), "outcome"), "applied");
    world.crash();
    EXPECT_EQ(member(robot.write("k1", set("a", "1")), "outcome"), "duplicate");
}

TEST(Keys, TheKeyItselfIsStoredNowhere) {
    World world;
    Robot robot(world);
    robot.write("secret-of-the-robot", set("a", "1"));
    for (const StoredEntry& entry : world.storage.log("room"))
        EXPECT_EQ(entry.body.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace syncline::channel
