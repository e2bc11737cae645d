// SPDX-License-Identifier: Apache-2.0
// The rules of "Commit": what is told, and when, if the storage takes an op, fails, or does not
// know.
#include "channel/commit_queue.h"
#include "channel/entry_codec.h"
#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

using tests::Client;
using tests::increment;
using tests::Listener;
using tests::member;
using tests::set;
using tests::World;
using Fault = tests::FakeStorage::Fault;

TEST(Commit, NothingIsToldBeforeItIsDurable) {
    World world;
    Client ann(world, "ann");
    ann.send(set("a", "1"));
    Listener listener;
    world.topics[0]->add("room", listener, listener.membership);
    ASSERT_TRUE(ann.subscribe()->live);
    world.holdCommits = true;
    const std::size_t place = ann.post(set("a", "2"));
    world.settle();
    EXPECT_EQ(ann.replies[place], "");
    EXPECT_EQ(ann.value("a"), "1") << "reads are of what is committed";
    EXPECT_TRUE(listener.updates.empty());
    world.holdCommits = false;
    world.settle();
    EXPECT_EQ(member(ann.replies[place], "outcome"), "applied");
    EXPECT_EQ(ann.value("a"), "2");
    EXPECT_EQ(listener.updates.size(), 1U);
}

TEST(Commit, TheOpsOfATickAndOfAllChannelsAreOneTransaction) {
    World world;
    Client ann(world, "ann");
    Client elsewhere(world, "ann", "other");
    ann.send(set("a", "0"));
    elsewhere.send(set("a", "0"));
    const std::size_t before = world.storage.commits;
    for (int i = 0; i < 10; ++i) ann.post(increment("n", "", 1));
    elsewhere.post(set("a", "1"));
    world.settle();
    EXPECT_EQ(world.storage.commits, before + 1);
    EXPECT_EQ(ann.value("n"), "10");
}

TEST(Commit, WhatGathersWhileATransactionRunsGoesInTheNext) {
    World world;
    Client ann(world, "ann");
    ann.send(set("n", "0"));
    const std::size_t before = world.storage.commits;
    world.holdCommits = true;
    for (int tick = 0; tick < 5; ++tick) {
        ann.post(increment("n", "", 1));
        ann.post(increment("m", "", 1));
        world.shard().settle();
    }
    world.holdCommits = false;
    world.settle();
    EXPECT_EQ(world.storage.commits, before + 1);
    EXPECT_EQ(ann.value("n"), "5");
    EXPECT_EQ(member(ann.replies.back(), "seq"), "11");
}

TEST(Commit, ATransactionHasAtMostItsOps) {
    World world;
    world.settings.commitOpsMax = 3;
    Client ann(world, "ann");
    ann.send(set("n", "0"));
    const std::size_t before = world.storage.commits;
    for (int tick = 0; tick < 6; ++tick) {
        ann.post(increment("n", "", 1));
        world.shard().settle();
    }
    world.settle();
    EXPECT_EQ(world.storage.commits, before + 2);
    EXPECT_EQ(ann.value("n"), "6");
}

TEST(Commit, AFailureDropsWhatIsInFlightAndAnswersRetry) {
    World world;
    Client ann(world, "ann");
    ann.send(set("a", "1"));
    world.storage.commitFaults = {Fault::fail};
    ann.post(set("a", "2"));
    world.shard().settle();
    ann.post(set("a", "3"));  // at the writer behind it
    world.shard().settle();
    ann.post(set("a", "3"), 3);  // sent again meanwhile
    world.settle();
    for (std::size_t i = 1; i <= 3; ++i) {
        EXPECT_EQ(member(ann.replies[i], "code"), "1003") << i;
        EXPECT_EQ(member(ann.replies[i], "settled"), "false");
        EXPECT_EQ(member(ann.replies[i], "retry"), "true");
        EXPECT_EQ(member(ann.replies[i], "retryAfterMs"), "1000");
    }
    EXPECT_EQ(ann.value("a"), "1");
    EXPECT_EQ(member(ann.send(set("a", "2"), 2), "seq"), "2") << "its number was not consumed";
    EXPECT_EQ(member(ann.send(set("a", "3"), 3), "outcome"), "applied");
}

TEST(Commit, ALaterTransactionOfAFailedOneCannotLand) {
    World world;
    world.settings.commitOpsMax = 1;  // each op is a transaction of its own
    Client ann(world, "ann");
    ann.send(set("n", "0"));
    world.storage.commitFaults = {Fault::none, Fault::fail};
    for (int tick = 0; tick < 4; ++tick) {
        ann.post(increment("n", "", 1));
        world.shard().settle();
    }
    world.settle();
    EXPECT_EQ(member(ann.replies[1], "outcome"), "applied");
    for (std::size_t i = 2; i <= 4; ++i) EXPECT_EQ(member(ann.replies[i], "code"), "1003");
    EXPECT_EQ(ann.value("n"), "1");
    EXPECT_EQ(member(ann.send(increment("n", "", 1), 3), "outcome"), "applied");
    EXPECT_EQ(ann.value("n"), "2");
}

TEST(Commit, WhatComesWhileItSettlesIsTakenAfterwards) {
    World world;
    world.settings.commitOpsMax = 1;
    Client ann(world, "ann");
    Client bob(world, "bob");
    ann.send(set("n", "0"));
    world.storage.commitFaults = {Fault::fail};
    ann.post(increment("n", "", 1));
    world.shard().settle();
    ann.post(increment("n", "", 1));
    world.shard().settle();
    ASSERT_TRUE(world.directory().runBackground());
    world.shard().settle();  // the failure is known, the second is still at the writer
    bob.post(increment("n", "", 10));
    world.settle();
    EXPECT_EQ(member(bob.replies[0], "outcome"), "applied");
    EXPECT_EQ(bob.value("n"), "10");
    EXPECT_EQ(world.storage.loads, 1U) << "a known failure needs no reading";
}

TEST(Commit, HealthFollowsTheLastCommit) {
    World world;
    Client ann(world, "ann");
    EXPECT_FALSE(world.directory().unhealthy());
    world.storage.commitFaults = {Fault::fail};
    ann.send(set("a", "1"), 1);
    EXPECT_EQ(world.directory().unhealthy(), "storage 'main': no space left on device");
    ann.send(set("a", "1"), 1);
    EXPECT_FALSE(world.directory().unhealthy());
}

TEST(Commit, AFailureThatNothingFollowsIsForgottenSinceNobodyComesToAServerThatIsNotReady) {
    World world;
    Client ann(world, "ann");
    world.storage.commitFaults = {Fault::fail, Fault::fail};
    ann.send(set("a", "1"), 1);
    world.clock.advanceMs(CommitQueue::kDoubtMs - 1);
    EXPECT_TRUE(world.directory().unhealthy());
    world.clock.advanceMs(1);
    EXPECT_FALSE(world.directory().unhealthy());
    ann.send(set("a", "1"), 1);
    EXPECT_TRUE(world.directory().unhealthy()) << "it fails still";
}

class UnknownCommit : public testing::TestWithParam<Fault> {};

TEST_P(UnknownCommit, IsDecidedByWhatTheLogSays) {
    World world;
    Client ann(world, "ann");
    Client bob(world, "bob");
    ann.send(set("n", "0"));
    Listener listener;
    world.topics[0]->add("room", listener, listener.membership);
    ASSERT_TRUE(ann.subscribe()->live);
    world.storage.commitFaults = {GetParam()};
    ann.post(increment("n", "", 1));
    bob.post(increment("x", "", 1));
    world.shard().settle();
    ann.post(increment("n", "", 1));  // behind it: lands if the first did
    world.settle();
    const bool kept = GetParam() == Fault::unknownKept;
    for (const std::string& reply : {ann.replies[1], bob.replies[0]}) {
        if (kept) {
            EXPECT_EQ(member(reply, "outcome"), "applied");
        } else {
            EXPECT_EQ(member(reply, "code"), "1003");
            EXPECT_EQ(member(reply, "settled"), "false");
        }
    }
    EXPECT_EQ(ann.value("n"), kept ? "2" : "0");
    EXPECT_EQ(listener.updates.size(), kept ? 3U : 0U) << "subscribers miss nothing";
    EXPECT_EQ(member(ann.send(increment("n", "", 1), 2), "outcome"),
              kept ? "duplicate" : "applied");
    EXPECT_EQ(ann.value("n"), kept ? "2" : "1");
}

INSTANTIATE_TEST_SUITE_P(Both, UnknownCommit,
                         testing::Values(Fault::unknownLost, Fault::unknownKept));

TEST(Commit, AfterAnotherNodesAppendTheOpsAreSequencedAgain) {
    World world;
    Client ann(world, "ann");
    Client bob(world, "bob");
    ann.send(set("n", "1"));
    Listener listener;
    world.topics[0]->add("room", listener, listener.membership);
    ASSERT_TRUE(ann.subscribe()->live);
    const core::Result<Entry> first = decodeEntry(world.storage.log("room")[0]);
    Entry other;
    other.index = 2;
    other.seq = 2;
    other.atMs = 5;
    other.by = "node";
    other.verdict = {Outcome::applied, 1, 2, "n", {}};
    other.effects.emplace_back().key = other.verdict.key;
    other.effects[0].arguments = R"("value":100)";
    other.effects[0].previousVersion = 1;
    other.sum = chainSum(other, first->sum);
    StoredEntry stored{2, 2, 5, {}};
    encodeEntry(other, stored.body);
    world.storage.appendElsewhere("room", std::move(stored));

    ann.post(increment("n", "", 1));
    ann.post(increment("n", "/bad", 1));
    bob.post(set("b", R"({"deep":[1,2]})"));
    world.shard().settle();
    ann.post(increment("n", "", 1));
    world.settle();
    EXPECT_EQ(member(ann.replies[1], "seq"), "3");
    EXPECT_EQ(member(ann.replies[2], "code"), "1205");
    EXPECT_EQ(member(bob.replies[0], "seq"), "4");
    EXPECT_EQ(member(ann.replies[3], "seq"), "5");
    EXPECT_EQ(ann.value("n"), "102");
    EXPECT_EQ(bob.value("b"), R"({"deep":[1,2]})");
    std::vector<std::string> seqs;
    for (const std::string& update : listener.updates) seqs.push_back(member(update, "seq"));
    EXPECT_EQ(seqs, (std::vector<std::string>{"2", "3", "4", "5"}));
}

TEST(Commit, AFullWriterQueueIsBusy) {
    World world;
    world.settings.queueOpsMax = 3;
    Client ann(world, "ann");
    ann.send(set("a", "0"));
    world.holdCommits = true;
    for (int i = 0; i < 3; ++i) ann.post(set("a", "1"));
    world.shard().settle();
    const std::size_t place = ann.post(set("a", "1"));
    world.shard().settle();
    EXPECT_EQ(member(ann.replies[place], "code"), "1404");
    EXPECT_EQ(member(ann.replies[place], "settled"), "false");
    EXPECT_NE(member(ann.replies[place], "retryAfterMs"), "");
    world.holdCommits = false;
    world.settle();
    EXPECT_EQ(member(ann.send(set("a", "1"), 5), "outcome"), "applied");
}

TEST(Commit, AnUpdateHasTheEffectiveOpAndWhoseItIs) {
    World world;
    Client ann(world, "ann");
    Listener listener;
    ASSERT_TRUE(ann.subscribe()->live);
    world.topics[0]->add("room", listener, listener.membership);
    ann.send(set("a", R"({"x":"é"})"));
    ann.send(increment("a", "/n", 2));
    ann.send(tests::remove("a"));
    ASSERT_EQ(listener.updates.size(), 3U);
    const std::string sum = member(listener.updates[0], "sum");
    EXPECT_EQ(listener.updates[0],
              R"({"type":"update","channel":"room","seq":1,"sum":")" + sum +
                  R"(","key":"a","version":1,"kind":"set","value":{"x":"é"},"user":"ann",)"
                  R"("origin":"ann-tag","n":1,"at":1700000000000})");
    EXPECT_EQ(sum.size(), 16U);
    EXPECT_EQ(member(listener.updates[1], "path"), "/n");
    EXPECT_EQ(member(listener.updates[1], "by"), "2");
    EXPECT_EQ(member(listener.updates[1], "user"), "ann");
    EXPECT_EQ(member(listener.updates[2], "deleted"), "true");
    EXPECT_EQ(listener.chunks[0].lastSum, sum);
}

TEST(Commit, AllOpsOfATickAreOneChunk) {
    World world;
    Client ann(world, "ann");
    Listener listener;
    ASSERT_TRUE(ann.subscribe()->live);
    world.topics[0]->add("room", listener, listener.membership);
    for (int i = 0; i < 4; ++i) ann.post(set("a", "1"));
    world.settle();
    ASSERT_EQ(listener.chunks.size(), 1U);
    EXPECT_EQ(listener.chunks[0].firstSeq, 1U);
    EXPECT_EQ(listener.chunks[0].lastSeq, 4U);
    EXPECT_EQ(listener.updates.size(), 4U);
}

TEST(Commit, OpsOnNamesThatNoRuleMatchesAreRefused) {
    World world;
    world.settings.channels = {{"room*", "main"}, {"lost", "nowhere"}};
    for (const auto& [name, code] : std::initializer_list<std::pair<const char*, const char*>>{
             {"hall", "1201"}, {"lost", "1201"}, {"$room", "1104"}, {"", "1104"}}) {
        Client ann(world, "ann", name);
        EXPECT_EQ(member(ann.send(set("a", "1")), "code"), code) << name;
        EXPECT_FALSE(ann.subscribe());
    }
}

}  // namespace
}  // namespace syncline::channel
