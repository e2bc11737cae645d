// SPDX-License-Identifier: Apache-2.0
// Loading, checkpoints, epochs, unloading, shutting down.
#include <algorithm>
#include <deque>
#include <set>

#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

using tests::Client;
using tests::increment;
using tests::member;
using tests::remove;
using tests::set;
using tests::World;

TEST(Loading, BringsBackRecordsOutcomesAndHeadAfterACrash) {
    World world;
    Client ann(world, "ann");
    ann.send(set("a", R"({"x":1})"));
    ann.send(increment("a", "/x", 4));
    ann.send(increment("a", "/y/z/q/0", 1));
    ann.send(increment("a", "", 1));  // refused
    ann.send(set("gone", "1"));
    ann.send(remove("gone"));
    const Cursor before = ann.subscribe()->reached;
    world.crash();
    const core::Result<CatchUp> after = ann.subscribe(before);
    ASSERT_TRUE(after);
    EXPECT_EQ(member(after->subscribed, "mode"), "tail");
    EXPECT_EQ(member(after->subscribed, "high"), "6");
    EXPECT_EQ(after->reached.sum, before.sum);
    EXPECT_EQ(ann.value("a"), R"({"x":5,"y":{"z":{"q":{"0":1}}}})");
    EXPECT_EQ(ann.value("gone"), "");
    EXPECT_EQ(member(ann.send(increment("a", "", 1), 4), "duplicate"), "true");
    EXPECT_EQ(member(ann.send(set("a", "2")), "seq"), "6");
}

TEST(Loading, ReadsTheStorageOnceForAllThatWaits) {
    World world;
    Client ann(world, "ann");
    ann.post(set("a", "1"));
    ann.post(set("a", "2"));
    ASSERT_TRUE(ann.subscribe());
    EXPECT_EQ(world.storage.loads, 1U);
    EXPECT_EQ(member(ann.replies[1], "seq"), "2") << "in their order";
}

TEST(Loading, AFailureAnswersAllAndTheNextOneTriesAgain) {
    World world;
    Client ann(world, "ann");
    world.storage.failLoads = true;
    const std::string failed = ann.send(set("a", "1"));
    EXPECT_EQ(member(failed, "code"), "1003");
    EXPECT_EQ(member(failed, "reason"), "channel 'room': the disk does not answer");
    EXPECT_FALSE(ann.subscribe());
    EXPECT_EQ(member(ann.snapshotBodies().at(0), "code"), "1003");
    world.storage.failLoads = false;
    EXPECT_EQ(member(ann.send(set("a", "1"), 1), "outcome"), "applied");
}

TEST(Loading, OnlySoMuchWaitsForAChannel) {
    World world;
    world.settings.queueOpsMax = 2;
    Client ann(world, "ann");
    for (int i = 0; i < 3; ++i) ann.post(set("a", "1"));
    world.settle();
    EXPECT_EQ(member(ann.replies[1], "outcome"), "applied");
    EXPECT_EQ(member(ann.replies[2], "code"), "1404");
    EXPECT_EQ(member(ann.send(set("a", "1"), 3), "outcome"), "applied");

    World narrow;
    narrow.settings.queueBytesMax = 4'000;
    Client bob(narrow, "bob");
    bob.post(set("a", "\"" + std::string(4'000, 'x') + "\""));
    narrow.shard().tick();
    EXPECT_EQ(member(bob.replies[0], "code"), "1404");
}

TEST(Loading, ABrokenChainOrGapIsAnErrorThatNamesTheChannel) {
    const auto broken = [](const char* what, auto damage) {
        World world;
        Client ann(world, "ann");
        for (int i = 0; i < 4; ++i) ann.send(set("a", R"("value-)" + std::to_string(i) + "\""));
        world.crash();
        damage(world.storage.log("room"));
        const std::string reply = ann.send(set("a", "9"));
        EXPECT_EQ(member(reply, "code"), "1003") << what;
        EXPECT_EQ(member(reply, "settled"), "false") << what;
        EXPECT_EQ(member(reply, "reason").rfind("channel 'room': ", 0), 0U) << reply;
    };
    using Log = std::vector<StoredEntry>;
    broken("an entry is missing", [](Log& log) { log.erase(log.begin() + 1); });
    broken("the first is missing", [](Log& log) { log.erase(log.begin()); });
    broken("a body is cut", [](Log& log) { log[2].body.pop_back(); });
    broken("another value", [](Log& log) { log[2].body[log[2].body.find("value-2") + 6] = '7'; });
    broken("entries changed places", [](Log& log) { std::swap(log[1].body, log[2].body); });
    broken("a seq is wrong", [](Log& log) { log[3].seq = 9; });
}

TEST(Checkpoints, AreWrittenBehindEnoughEntriesAndHoldOnlyWhatChanged) {
    World world;
    world.settings.checkpointOpsMax = 5;
    Client ann(world, "ann");
    for (int i = 0; i < 5; ++i) ann.send(set("k" + std::to_string(i), "1"));
    EXPECT_EQ(world.storage.checkpointIndex("room"), 5U);
    EXPECT_EQ(world.storage.recordImages("room"), 5U);
    for (int i = 0; i < 4; ++i) ann.send(set("k0", "2"));
    EXPECT_EQ(world.storage.checkpoints, 1U);
    ann.send(set("k0", "3"));
    EXPECT_EQ(world.storage.checkpoints, 2U);
    world.crash();
    EXPECT_EQ(ann.value("k0"), "3");
    EXPECT_EQ(ann.value("k4"), "1");
    EXPECT_EQ(member(ann.send(set("k0", "2"), 9), "outcome"), "duplicate");
}

TEST(Checkpoints, OfChannelsThatFillUpTogetherAreNotAllWrittenAtOnce) {
    constexpr std::size_t kChannels = 20;
    constexpr std::size_t kOps = 100;
    World world;
    world.settings.checkpointOpsMax = kOps;
    std::deque<Client> writers;
    for (std::size_t i = 0; i < kChannels; ++i)
        writers.emplace_back(world, "ann", "room" + std::to_string(i));
    std::size_t mostAtOnce = 0;
    for (std::size_t op = 0; op < kOps; ++op) {
        const std::size_t before = world.storage.checkpoints;
        for (Client& writer : writers) writer.post(set("k", std::to_string(op)));
        world.settle();
        mostAtOnce = std::max(mostAtOnce, world.storage.checkpoints - before);
        EXPECT_TRUE(op >= kOps * 3 / 4 || world.storage.checkpoints == 0) << op;
    }
    EXPECT_EQ(world.storage.checkpoints, kChannels);
    EXPECT_LE(mostAtOnce, kChannels / 4);
}

TEST(Checkpoints, ThatFailAreMadeUpByTheNext) {
    World world;
    world.settings.checkpointOpsMax = 3;
    Client ann(world, "ann");
    world.storage.failCheckpoints = true;
    for (int i = 0; i < 3; ++i) ann.send(set("k" + std::to_string(i), "1"));
    EXPECT_EQ(world.storage.checkpoints, 1U);
    EXPECT_EQ(world.storage.checkpointIndex("room"), 0U);
    world.storage.failCheckpoints = false;
    for (int i = 0; i < 3; ++i) ann.send(set("other", "1"));
    EXPECT_EQ(world.storage.checkpointIndex("room"), 6U);
    EXPECT_EQ(world.storage.recordImages("room"), 4U);
}

TEST(Checkpoints, LetTheLogBeTrimmedToItsHistory) {
    World world;
    world.settings.checkpointOpsMax = 5;
    world.settings.channels[0].historyOpsMax = 10;
    Client ann(world, "ann");
    for (int i = 0; i < 100; ++i) ann.send(set("a", std::to_string(i)));
    EXPECT_LE(world.storage.log("room").size(), 15U);
    EXPECT_GE(world.storage.log("room").size(), 10U);
    world.crash();
    EXPECT_EQ(ann.value("a"), "99");
}

TEST(Checkpoints, TrimTheLogLaterWhenTheStorageFailedToWriteOneOrToTrim) {
    for (bool tests::FakeStorage::*fault :
         {&tests::FakeStorage::failCheckpoints, &tests::FakeStorage::failTrims}) {
        World world;
        world.settings.channels.front().historyAgeMsMax = 3'600'000;
        Client ann(world, "ann");
        ASSERT_TRUE(ann.subscribe()->live);
        ann.send(set("a", "1"));
        const auto pass = [&](int minutes) {
            for (; minutes > 0; --minutes) {
                world.clock.advanceMs(60'000);
                world.settle();
            }
        };
        pass(10);
        world.storage.*fault = true;
        pass(60);
        EXPECT_EQ(world.storage.log("room").size(), 1U);
        world.storage.*fault = false;
        pass(10);
        EXPECT_TRUE(world.storage.log("room").empty());
    }
}

TEST(Checkpoints, LetTheLogBeTrimmedToItsBytes) {
    World world;
    world.settings.checkpointOpsMax = 5;
    world.settings.channels[0].historyBytesMax = 20'000;
    Client ann(world, "ann");
    const auto write = [&](int count, std::size_t bytes) {
        for (int i = 0; i < count; ++i)
            ann.send(set("a", "\"" + std::to_string(i) + std::string(bytes, 'x') + "\""));
    };
    const auto logBytes = [&world] {
        std::size_t bytes = 0;
        for (const StoredEntry& entry : world.storage.log("room")) bytes += entry.body.size();
        return bytes;
    };
    write(20, 10);
    EXPECT_EQ(world.storage.log("room").size(), 20U) << "few bytes, whatever the count";
    write(50, 1'000);
    const std::size_t large = world.storage.log("room").size();
    EXPECT_GE(logBytes(), 20'000U);
    EXPECT_LE(logBytes(), 20'000U + 6 * 1'200U) << "and what came behind the last cut";
    world.crash();
    write(50, 1'000);
    EXPECT_LE(logBytes(), 20'000U + 6 * 1'200U) << "what was written before a crash counts";
    write(200, 10);
    EXPECT_GT(world.storage.log("room").size(), large) << "more entries in as many bytes";
    EXPECT_EQ(ann.value("a"), "\"199xxxxxxxxxx\"");
    EXPECT_EQ(member(ann.send(set("a", "1")), "seq"), "321");
}

TEST(Checkpoints, KeepTombstonesUntilTheLogHasPassedThem) {
    World world;
    world.settings.checkpointOpsMax = 5;
    world.settings.channels[0].historyOpsMax = 10;
    Client ann(world, "ann");
    ann.send(set("gone", "1"));
    ann.send(remove("gone"));
    for (int i = 0; i < 4; ++i) ann.send(set("a", "1"));
    EXPECT_EQ(world.storage.recordImages("room"), 2U);
    for (int i = 0; i < 30; ++i) ann.send(set("a", "1"));
    EXPECT_EQ(world.storage.recordImages("room"), 1U);
}

TEST(Epochs, AreKeptByADurableStorageAndAcrossACleanStop) {
    World world;
    Client ann(world, "ann");
    ann.send(set("a", "1"));
    const std::string epoch = ann.subscribe()->reached.epoch;
    EXPECT_EQ(epoch.size(), 16U);
    world.storage.clean = false;
    world.crash();
    EXPECT_EQ(ann.subscribe()->reached.epoch, epoch);
    world.storage.durable = false;
    world.storage.clean = true;
    world.crash();
    EXPECT_EQ(ann.subscribe()->reached.epoch, epoch);
}

TEST(Epochs, AreNewWhenCommitsMayHaveBeenLost) {
    World world;
    world.storage.durable = false;
    Client ann(world, "ann");
    ann.send(set("a", "1"));
    const Cursor old = ann.subscribe()->reached;
    world.crash();
    world.storage.clean = false;
    const core::Result<CatchUp> reset = ann.subscribe(old);
    EXPECT_EQ(member(reset->subscribed, "mode"), "reset");
    const std::string renewed = reset->reached.epoch;
    EXPECT_NE(renewed, old.epoch);
    EXPECT_EQ(member(ann.send(set("a", "1"), 1), "outcome"), "duplicate") << "outcomes stay";
    ann.send(set("a", "2"), 2);
    world.crash();
    world.storage.clean = true;
    EXPECT_EQ(ann.subscribe()->reached.epoch, renewed) << "the entry has told it";
    EXPECT_EQ(ann.value("a"), "2");
}

TEST(Epochs, ThatWereRenewedAreKeptWhenTheirChannelIsUnloaded) {
    World world;
    world.settings.channelsLoadedMax = 4;
    world.storage.durable = false;
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 10; ++i)
        clients.push_back(std::make_unique<Client>(world, "ann", "room" + std::to_string(i)));
    clients[0]->send(set("a", "1"));
    const auto epochs = [&] {
        std::vector<std::string> found;
        for (auto& client : clients)
            found.push_back(member(client->snapshotBodies().at(0), "epoch"));
        return found;
    };
    const std::vector<std::string> before = epochs();
    world.crash();
    world.storage.clean = false;
    const std::vector<std::string> renewed = epochs();
    EXPECT_NE(renewed[0], before[0]);
    EXPECT_EQ(std::set<std::string>(renewed.begin(), renewed.end()).size(), renewed.size());
    for (auto& client : clients) client->send(set("a", "2"));
    EXPECT_EQ(epochs(), renewed);
    world.crash();
    EXPECT_NE(epochs()[0], renewed[0]) << "commits may have been lost again";
}

TEST(Unloading, GivesWayToOthersAndLosesNothing) {
    World world;
    world.settings.channelsLoadedMax = 4;
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 20; ++i)
        clients.push_back(std::make_unique<Client>(world, "ann", "room" + std::to_string(i)));
    ASSERT_TRUE(clients[0]->subscribe()->live);
    for (auto& client : clients) {
        client->send(set("a", "1"));
        EXPECT_LE(world.directory().figures().channels, 8U);
    }
    const std::size_t loads = world.storage.loads;
    EXPECT_EQ(member(clients[0]->send(set("a", "2")), "seq"), "2");
    EXPECT_EQ(world.storage.loads, loads) << "one with subscribers stays";
    for (auto& client : clients) {
        const std::string again = client->send(set("a", "1"), 1);
        EXPECT_EQ(member(again, "outcome"), "duplicate") << again;
        EXPECT_EQ(member(client->send(set("a", "3")), "outcome"), "applied");
    }
}

TEST(Unloading, AChannelThatNobodyUsesLeavesTheMemoryAndComesBack) {
    World world;
    world.settings.channelIdleMs = 80'000;
    Client followed(world, "ann", "followed");
    ASSERT_TRUE(followed.subscribe()->live);
    Client quiet(world, "ann", "quiet");
    quiet.send(set("a", "1"));
    Client used(world, "ann", "used");
    const auto passMs = [&world](std::int64_t ms) {
        for (; ms > 0; ms -= 10'000) {
            world.clock.advanceMs(10'000);
            world.settle();
        }
    };
    passMs(50'000);
    used.send(set("a", "1"));
    EXPECT_EQ(world.directory().figures().channels, 3U);
    passMs(60'000);
    EXPECT_EQ(world.directory().figures().channels, 2U) << "used and followed stay";
    EXPECT_EQ(world.storage.checkpointIndex("quiet"), 1U);
    passMs(60'000);
    EXPECT_EQ(world.directory().figures().channels, 1U);
    EXPECT_EQ(member(quiet.send(set("a", "1"), 1), "outcome"), "duplicate");
    EXPECT_EQ(member(quiet.send(set("a", "2")), "seq"), "2");
}

TEST(Unloading, OnlySoManyCheckpointsAreStartedAtOnce) {
    World world;
    world.settings.channelIdleMs = 80'000;
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 100; ++i) {
        clients.push_back(std::make_unique<Client>(world, "ann", "room" + std::to_string(i)));
        clients.back()->send(set("a", "1"));
    }
    const auto written = [&world] {
        std::size_t count = 0;
        for (int i = 0; i < 100; ++i)
            count += world.storage.checkpointIndex("room" + std::to_string(i));
        return count;
    };
    world.clock.advanceMs(10'000);
    world.settle();
    EXPECT_EQ(written(), 64U);
    world.clock.advanceMs(10'000);
    world.settle();
    EXPECT_EQ(written(), 100U);
    world.clock.advanceMs(80'000);
    world.settle();
    EXPECT_EQ(world.directory().figures().channels, 0U);
}

TEST(Checkpoints, CutALogByItsAgeThoughNothingIsAddedToIt) {
    World world;
    world.settings.channels.front().historyAgeMsMax = 3'600'000;
    Client ann(world, "ann");
    ASSERT_TRUE(ann.subscribe()->live);
    ann.send(set("a", "1"));
    ann.send(R"("key":"a","kind":"delete")");
    for (int minutes = 0; minutes < 58; ++minutes) {
        world.clock.advanceMs(60'000);
        world.settle();
    }
    EXPECT_EQ(world.storage.readLog("room", 1, 9)->size(), 2U);
    for (int minutes = 0; minutes < 10; ++minutes) {
        world.clock.advanceMs(60'000);
        world.settle();
    }
    EXPECT_TRUE(world.storage.readLog("room", 1, 9)->empty());
    EXPECT_EQ(member(ann.send(set("a", "2")), "seq"), "3");
}

TEST(Draining, RefusesNewOpsAnswersTheTakenOnesAndWritesCheckpoints) {
    World world(2);
    Client ann(world, "ann", "room");
    Client bob(world, "bob", "hall");
    ann.send(set("a", "1"));
    bob.send(set("a", "1"));
    ann.post(set("a", "2"));
    world.shard(0).tick();
    world.shard(1).tick();
    bool drained = false;
    world.directory().drain([&] { drained = true; });
    world.holdCommits = true;
    world.settle();
    EXPECT_FALSE(drained);
    const std::size_t late = ann.post(set("a", "3"));
    world.settle();
    EXPECT_EQ(member(ann.replies[late], "code"), "1502");
    EXPECT_EQ(member(ann.replies[late], "settled"), "false");
    world.holdCommits = false;
    world.settle();
    EXPECT_TRUE(drained);
    EXPECT_EQ(member(ann.replies[1], "outcome"), "applied");
    EXPECT_EQ(world.storage.checkpointIndex("room"), 2U);
    EXPECT_EQ(world.storage.checkpointIndex("hall"), 1U);
}

TEST(Draining, WithNothingLoadedIsDoneAtOnce) {
    World world;
    bool drained = false;
    world.directory().drain([&] { drained = true; });
    world.settle();
    EXPECT_TRUE(drained);
}

}  // namespace
}  // namespace syncline::channel
