// SPDX-License-Identifier: Apache-2.0
// Conflicts that are kept as records, and what becomes of them.
#include "channel/entry_codec.h"
#include "unit/channel/judge.h"

namespace syncline::channel {
namespace {

using tests::base;
using tests::Client;
using tests::FakeStorage;
using tests::increment;
using tests::Judge;
using tests::Listener;
using tests::member;
using tests::merge;
using tests::parsed;
using tests::remove;
using tests::set;
using tests::unframed;
using tests::World;

constexpr std::int64_t kDayMs = 86'400'000;

/// A channel in which every conflict is kept; `how` is what the strategy says of that.
struct Kept {
    explicit Kept(std::string how = "{}") : judge(Verdict::conflict) {
        judge.each = [how](const TouchedPath&) {
            return PathVerdict{Verdict::conflict, parsed(how), {}};
        };
        world.settings.conflicts.push_back({"", "", "", &judge});
    }

    /// Ann and bob change /x of the same version; bob is second.
    std::string collide() {
        ann.send(set("a", R"({"x":1,"y":1})"));
        ann.send(merge("a", R"({"x":2,"y":2})"));
        return bob.send(merge("a", R"({"x":3})", base(1)));
    }

    std::string record(const std::string& id) { return ann.value("$conflict/" + id); }

    /// The keys of those that are open.
    std::vector<std::string> open() {
        std::vector<std::string> keys;
        Selection wanted;
        wanted.prefix = "$conflict/";
        world.directory().snapshot(
            world.shard(), "room", std::move(wanted), ann.author,
            [&keys](std::vector<std::string> bodies) {
                for (const std::string& body : bodies) {
                    const json::Value snapshot = parsed(body);
                    for (const json::Value& record : snapshot.find("records")->elements())
                        keys.emplace_back(record.find("key")->asString());
                }
            });
        world.settle();
        return keys;
    }

    void pass(std::int64_t ms) {
        world.clock.advanceMs(ms);
        world.settle();
    }

    Judge judge;
    World world;
    Client ann{world, "ann"};
    Client bob{world, "bob"};
};

std::string resolution(const std::string& id, const std::string& how,
                       const std::string& more = {}) {
    return R"("conflict":")" + id + R"(","key":"a",)" + how + more;
}
const std::string kMine = R"("take":"mine")";
const std::string kTheirs = R"("take":"theirs")";

TEST(ManualConflicts, TheServersValueStandsAndTheConflictIsARecordOfTheChannel) {
    Kept kept;
    EXPECT_EQ(kept.collide(),
              R"({"type":"conflict","channel":"room","key":"a","n":1,"conflict":"3",)"
              R"("base":{"x":1,"y":1},"mine":{"x":3,"y":1},"theirs":{"x":2,"y":2},"version":2,)"
              R"("user":"ann","paths":["/x"],"settled":true})");
    EXPECT_EQ(kept.ann.value("a"), R"({"x":2,"y":2})");
    EXPECT_EQ(kept.record("3"),
              R"({"at":)" + std::to_string(kept.world.clock.wallMs()) +
                  R"(,"authors":{"mine":"bob","theirs":"ann"},"base":{"x":1,"y":1},"key":"a",)"
                  R"("mine":{"x":3,"y":1},"n":1,"op":{"kind":"merge","value":{"x":3}},)"
                  R"("origin":"bob-tag","paths":["/x"],"theirs":{"x":2,"y":2},"version":2})");
    EXPECT_EQ(kept.open(), std::vector<std::string>{"$conflict/3"});
}

TEST(ManualConflicts, TheRecordIsCommittedTogetherWithTheVerdict) {
    Kept kept;
    kept.ann.send(set("a", "1"));
    kept.ann.send(set("a", "2"));
    const std::size_t before = kept.world.storage.commits;
    EXPECT_EQ(member(kept.bob.send(set("a", "3", base(1))), "conflict"), "3");
    EXPECT_EQ(kept.world.storage.commits, before + 1);
}

TEST(ManualConflicts, ArePushedToSubscribersAsTheServersOwn) {
    Kept kept;
    Listener listener;
    ASSERT_TRUE(kept.ann.subscribe()->live);
    kept.world.topics[0]->add("room", listener, listener.membership);
    kept.collide();
    ASSERT_EQ(listener.updates.size(), 3U);
    const std::string& update = listener.updates.back();
    EXPECT_EQ(member(update, "key"), "$conflict/3");
    EXPECT_EQ(member(update, "seq"), "3");
    EXPECT_EQ(member(update, "user"), "$server");
    EXPECT_EQ(member(update, "origin"), "");
    EXPECT_EQ(member(update, "n"), "");
}

TEST(ManualConflicts, OutliveTheProcess) {
    Kept kept;
    const std::string told = kept.collide();
    const std::string record = kept.record("3");
    kept.world.crash();
    EXPECT_EQ(kept.record("3"), record);
    EXPECT_EQ(member(kept.bob.send(merge("a", R"({"x":3})", base(1)), 1), "duplicate"), "true");
    EXPECT_EQ(kept.open().size(), 1U) << "a resend makes no second one";
    EXPECT_EQ(member(kept.ann.resolve(resolution("3", kMine, base(2))), "outcome"), "applied");
}

TEST(ManualConflicts, AFailedCommitLeavesNeitherVerdictNorRecord) {
    Kept kept;
    kept.ann.send(set("a", "1"));
    kept.ann.send(set("a", "2"));
    kept.world.storage.commitFaults = {FakeStorage::Fault::fail};
    EXPECT_EQ(member(kept.bob.send(set("a", "3", base(1))), "settled"), "false");
    EXPECT_TRUE(kept.open().empty());
    EXPECT_EQ(member(kept.bob.send(set("a", "3", base(1)), 1), "conflict"), "3");
    EXPECT_EQ(kept.open().size(), 1U);
}

TEST(ManualConflicts, AnAtomicBatchIsOneConflictWithAllOfItsOps) {
    Kept kept;
    kept.ann.send(set("a", "1"));
    kept.ann.send(set("a", "2"));
    const std::string told = kept.bob.sendBatch(
        R"("ops":[{"key":"b","kind":"set","value":7},{"key":"a","kind":"set","value":3,"base":1}])");
    EXPECT_EQ(member(told, "conflict"), "3");
    EXPECT_EQ(kept.ann.value("b"), "");
    EXPECT_EQ(member(kept.record("3"), "theirs"), "2");
    EXPECT_EQ(member(kept.ann.resolve(resolution("3", kMine, base(2))), "outcome"), "applied")
        << kept.ann.replies.back() << kept.record("3");
    EXPECT_EQ(kept.ann.value("a"), "3");
    EXPECT_EQ(kept.ann.value("b"), "7");
    EXPECT_TRUE(kept.open().empty());
}

TEST(ManualConflicts, BeyondTheLimitAConflictIsToldAndNotKept) {
    Kept kept;
    kept.world.settings.conflictsMax = 2;
    kept.ann.send(set("a", "1"));
    kept.ann.send(set("a", "2"));
    for (const char* id : {"3", "4"})
        EXPECT_EQ(member(kept.bob.send(set("a", "3", base(1))), "conflict"), id);
    const std::string told = kept.bob.send(set("a", "3", base(1)));
    EXPECT_EQ(member(told, "type"), "conflict");
    EXPECT_EQ(member(told, "conflict"), "");
    EXPECT_EQ(member(told, "settled"), "true");
    kept.ann.resolve(resolution("3", kTheirs));
    EXPECT_EQ(member(kept.bob.send(set("a", "3", base(1))), "conflict"), "6");
}

TEST(ManualConflicts, OneThatIsLargerThanARecordMayBeIsToldAndNotKept) {
    Kept kept;
    kept.world.settings.recordBytesMax = 400;
    const std::string large = '"' + std::string(150, 'x') + '"';
    kept.ann.send(set("a", large));
    kept.ann.send(set("a", large));
    const std::string told = kept.bob.send(set("a", large, base(1)));
    EXPECT_EQ(member(told, "type"), "conflict");
    EXPECT_EQ(member(told, "conflict"), "");
    EXPECT_TRUE(kept.open().empty());
}

TEST(ManualConflicts, NobodyWritesTheirRecordsByAnOp) {
    Kept kept;
    kept.collide();
    for (const std::string& op : {set("$conflict/3", "1"), remove("$conflict/3")}) {
        const std::string refused = kept.bob.send(op);
        EXPECT_EQ(member(refused, "code"), "1104");
        EXPECT_EQ(member(refused, "settled"), "true");
    }
    EXPECT_EQ(kept.open().size(), 1U);
}

TEST(Resolving, TakesTheOpAsItWasOntoWhatIsThere) {
    Kept kept;
    kept.collide();
    EXPECT_EQ(kept.ann.resolve(resolution("3", kMine, base(2))),
              R"({"type":"ack","channel":"room","key":"a","n":3,"seq":4,"version":4,)"
              R"("outcome":"applied","settled":true})");
    EXPECT_EQ(kept.ann.value("a"), R"({"x":3,"y":2})");
    EXPECT_TRUE(kept.open().empty());
}

TEST(Resolving, LeavesWhatIsThere) {
    Kept kept;
    kept.collide();
    EXPECT_EQ(member(kept.ann.resolve(resolution("3", kTheirs, base(2))), "key"), "$conflict/3");
    EXPECT_EQ(kept.ann.value("a"), R"({"x":2,"y":2})");
    EXPECT_TRUE(kept.open().empty());
}

TEST(Resolving, MakesTheRecordAThirdValue) {
    Kept kept;
    kept.collide();
    kept.ann.resolve(resolution("3", R"("value":{"x":5})", base(2)));
    EXPECT_EQ(kept.ann.value("a"), R"({"x":5})");
}

TEST(Resolving, IsOneEntryThatEverybodyAppliesPlainly) {
    Kept kept;
    kept.collide();
    kept.ann.resolve(resolution("3", kMine, base(2)));
    const std::string update = json::toText((*parsed(kept.ann.history(4, 1)).find("updates"))[0]);
    EXPECT_EQ(member(update, "seq"), "4");
    EXPECT_EQ(member(update, "user"), "ann");
    EXPECT_EQ(member(update, "n"), "3");
    EXPECT_EQ(member(update, "ops"),
              R"([{"key":"a","version":4,"kind":"merge","value":{"x":3}},)"
              R"({"key":"$conflict/3","version":4,"kind":"delete","deleted":true}])");
}

TEST(Resolving, TheSecondOfTwoIsToldThatItIsDone) {
    Kept kept;
    kept.collide();
    kept.ann.resolve(resolution("3", kMine, base(2)));
    const std::string late = kept.bob.resolve(resolution("3", R"("value":9)", base(2)));
    EXPECT_EQ(member(late, "code"), "1204");
    EXPECT_EQ(member(late, "settled"), "true");
    EXPECT_EQ(member(late, "detail"), R"({"conflict":"3"})");
    EXPECT_EQ(kept.ann.value("a"), R"({"x":3,"y":2})");
}

TEST(Resolving, OneOfTwoAtOnceWins) {
    Kept kept;
    kept.collide();
    kept.world.holdCommits = true;
    kept.ann.resolve(resolution("3", R"("value":"ann")", base(2)));
    kept.bob.resolve(resolution("3", R"("value":"bob")", base(2)));
    kept.world.holdCommits = false;
    kept.world.settle();
    EXPECT_EQ(member(kept.ann.replies.back(), "outcome"), "applied");
    EXPECT_EQ(member(kept.bob.replies.back(), "code"), "1204");
    EXPECT_EQ(kept.ann.value("a"), R"("ann")");
}

TEST(Resolving, ADecisionAboutAnOlderVersionIsAConflictAndItStaysOpen) {
    Kept kept;
    kept.collide();
    kept.ann.send(merge("a", R"({"y":9})"));
    const std::string told = kept.bob.resolve(resolution("3", kMine, base(2)));
    EXPECT_EQ(told, R"({"type":"conflict","channel":"room","key":"a","n":2,"conflict":"3",)"
                    R"("mine":{"x":3,"y":1},"paths":["/x"],"theirs":{"x":2,"y":9},"version":4,)"
                    R"("user":"ann","settled":true})");
    EXPECT_EQ(kept.open().size(), 1U);
    EXPECT_EQ(member(kept.bob.resolve(resolution("3", kMine, base(4))), "outcome"), "applied");
    EXPECT_EQ(kept.ann.value("a"), R"({"x":3,"y":9})");
}

TEST(Resolving, ConsumesItsNumberOnceAndAnswersAgainAsBefore) {
    Kept kept;
    kept.collide();
    kept.ann.resolve(resolution("3", kMine, base(2)));
    const std::string again = kept.ann.resolve(resolution("3", kMine, base(2)), 3);
    EXPECT_EQ(member(again, "outcome"), "duplicate");
    EXPECT_EQ(member(again, "original"), "applied");
    EXPECT_EQ(member(kept.ann.resolve(resolution("3", kTheirs, base(2)), 3), "code"), "1208");
    EXPECT_EQ(member(kept.ann.send(set("b", "1"), 4), "seq"), "5");
}

TEST(Resolving, WhatIsMalformedIsSettled) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {R"("conflict":"3","key":"a")", "1102"},
        {R"("conflict":"3","key":"a","take":"both")", "1102"},
        {R"("conflict":"3","key":"a","take":"mine","value":1)", "1102"},
        {R"("conflict":3,"key":"a","take":"mine")", "1102"},
        {R"("conflict":"3","key":"b","take":"mine")", "1102"},
        {R"("conflict":"3","take":"mine")", "1102"},
        {R"("conflict":"3","key":"$conflict/3","take":"mine")", "1104"},
        {R"("conflict":"4","key":"a","take":"mine")", "1204"},
        {R"("conflict":"3","key":"a","take":"mine","base":-1)", "1102"},
    };
    Kept kept;
    kept.collide();
    for (const auto& [members, code] : cases) {
        const std::string refused = kept.bob.resolve(members);
        EXPECT_EQ(member(refused, "code"), code) << members;
        EXPECT_EQ(member(refused, "settled"), "true") << members;
    }
    EXPECT_EQ(kept.open().size(), 1U);
    EXPECT_EQ(member(kept.bob.resolve(resolution("3", kMine, base(99))), "code"), "1209");
}

TEST(Resolving, MineThatCannotBeAppliedAnyMoreIsRefusedAndItStaysOpen) {
    Kept kept;
    kept.ann.send(set("a", R"({"c":1})"));
    kept.ann.send(merge("a", R"({"c":2})"));
    kept.bob.send(increment("a", "/c", 1, base(1)));
    ASSERT_EQ(kept.open().size(), 1U);
    kept.ann.send(set("a", R"({"c":"text"})"));
    EXPECT_EQ(member(kept.ann.resolve(resolution("3", kMine, base(4))), "code"), "1205");
    EXPECT_EQ(kept.open().size(), 1U);
    EXPECT_EQ(kept.ann.value("a"), R"({"c":"text"})");
}

TEST(Resolving, AStrategyThatIsAlwaysAskedIsAskedAboutTheOutcome) {
    Kept kept;
    Judge always(Verdict::refuse, true);
    kept.world.settings.conflicts.insert(kept.world.settings.conflicts.begin(),
                                         {"", "", "/total", &always});
    kept.collide();
    const std::string refused = kept.ann.resolve(resolution("3", R"("value":{"total":1})"));
    EXPECT_EQ(member(refused, "code"), "1212");
    EXPECT_EQ(kept.open().size(), 1U);
}

TEST(Resolving, WhatItDidIsKnownAfterACrash) {
    for (const std::string& how : {kMine, kTheirs, std::string(R"("value":{"x":5})")}) {
        Kept kept;
        kept.collide();
        kept.ann.resolve(resolution("3", how, base(2)));
        const std::string value = kept.ann.value("a");
        kept.world.crash();
        EXPECT_EQ(kept.ann.value("a"), value);
        EXPECT_TRUE(kept.open().empty());
        EXPECT_EQ(member(kept.ann.resolve(resolution("3", how, base(2)), 3), "outcome"),
                  "duplicate");
    }
}

/// Another node sets the record "n" behind what is in the storage.
void appendElsewhere(World& world, std::uint64_t seq) {
    const auto log = world.storage.log("room");
    const core::Result<Entry> last = decodeEntry(log.back());
    Entry other;
    other.index = log.back().index + 1;
    other.seq = seq;
    other.atMs = 5;
    other.by = "node";
    other.verdict = {Outcome::applied, 1, seq, "n", {}};
    other.effects.emplace_back().key = "n";
    other.effects[0].arguments = R"("value":1)";
    other.sum = chainSum(other, last->sum);
    StoredEntry stored{other.index, seq, 5, {}};
    encodeEntry(other, stored.body);
    world.storage.appendElsewhere("room", std::move(stored));
}

TEST(Resolving, IsSequencedAgainWhenAnotherNodeWasFirst) {
    for (const std::string& how : {kMine, kTheirs, std::string(R"("value":{"x":5})")}) {
        Kept kept;
        kept.collide();
        appendElsewhere(kept.world, 4);
        EXPECT_EQ(member(kept.ann.resolve(resolution("3", how, base(2))), "seq"), "5");
        EXPECT_EQ(kept.ann.value("n"), "1");
        EXPECT_TRUE(kept.open().empty());
    }
}

TEST(ManualConflicts, AreRecordedAnewWhenAnotherNodeWasFirst) {
    Kept kept;
    kept.ann.send(set("a", "1"));
    kept.ann.send(set("a", "2"));
    appendElsewhere(kept.world, 3);
    EXPECT_EQ(member(kept.bob.send(set("a", "3", base(1))), "conflict"), "4");
    EXPECT_EQ(kept.open(), std::vector<std::string>{"$conflict/4"});
}

TEST(Expiry, LeavesTheServersValueWhenItsTimeIsOver) {
    Kept kept(R"({"expireMs":86400000,"then":"theirs"})");
    kept.collide();
    EXPECT_EQ(
        member(kept.record("3"), "expires"),
        R"({"at":)" + std::to_string(kept.world.clock.wallMs() + kDayMs) + R"(,"take":"theirs"})");
    kept.pass(kDayMs - 1'000);
    EXPECT_EQ(kept.open().size(), 1U);
    for (int i = 0; i < 3; ++i) kept.pass(1'000);
    EXPECT_TRUE(kept.open().empty());
    EXPECT_EQ(kept.ann.value("a"), R"({"x":2,"y":2})");
    const std::string update = json::toText((*parsed(kept.ann.history(4, 1)).find("updates"))[0]);
    EXPECT_EQ(member(update, "user"), "$server");
}

TEST(Expiry, TakesTheOpWhenItsTimeIsOver) {
    Kept kept(R"({"expireMs":1000,"then":"mine"})");
    kept.collide();
    kept.ann.send(merge("a", R"({"y":9})"));
    for (int i = 0; i < 3; ++i) kept.pass(1'000);
    EXPECT_TRUE(kept.open().empty());
    EXPECT_EQ(kept.ann.value("a"), R"({"x":3,"y":9})");
    kept.world.crash();
    EXPECT_EQ(kept.ann.value("a"), R"({"x":3,"y":9})");
}

TEST(Expiry, WhatCannotBeAppliedAnyMoreLeavesWhatIsThere) {
    Kept kept(R"({"expireMs":1000,"then":"mine"})");
    kept.ann.send(set("a", R"({"c":1})"));
    kept.ann.send(merge("a", R"({"c":2})"));
    kept.bob.send(increment("a", "/c", 1, base(1)));
    kept.ann.send(set("a", R"({"c":"text"})"));
    for (int i = 0; i < 3; ++i) kept.pass(1'000);
    EXPECT_TRUE(kept.open().empty());
    EXPECT_EQ(kept.ann.value("a"), R"({"c":"text"})");
}

TEST(Expiry, HappensWhenTheChannelIsLoadedAgain) {
    Kept kept(R"({"expireMs":1000,"then":"mine"})");
    kept.collide();
    kept.world.crash();
    kept.world.clock.advanceMs(5'000);
    kept.open();
    for (int i = 0; i < 3; ++i) kept.pass(100);
    EXPECT_TRUE(kept.open().empty());
    EXPECT_EQ(kept.ann.value("a"), R"({"x":3,"y":2})");
}

TEST(Expiry, HappensOnceWhateverTheCommitTakes) {
    Kept kept(R"({"expireMs":1000,"then":"mine"})");
    kept.collide();
    kept.world.holdCommits = true;
    for (int i = 0; i < 5; ++i) kept.pass(1'000);
    kept.world.holdCommits = false;
    kept.world.settle();
    EXPECT_TRUE(kept.open().empty());
    EXPECT_EQ(member(kept.ann.send(set("b", "1")), "seq"), "5");
}

TEST(Expiry, OneThatIsResolvedInTimeIsLeftAlone) {
    Kept kept(R"({"expireMs":1000,"then":"mine"})");
    kept.collide();
    kept.ann.resolve(resolution("3", kTheirs));
    for (int i = 0; i < 3; ++i) kept.pass(1'000);
    EXPECT_EQ(kept.ann.value("a"), R"({"x":2,"y":2})");
    EXPECT_EQ(member(kept.ann.send(set("b", "1")), "seq"), "5");
}

TEST(Expiry, IsTriedAgainWhenTheStorageFailed) {
    Kept kept(R"({"expireMs":1000,"then":"theirs"})");
    kept.collide();
    kept.world.storage.commitFaults = {FakeStorage::Fault::fail};
    for (int i = 0; i < 4; ++i) kept.pass(1'000);
    EXPECT_TRUE(kept.open().empty());
}

}  // namespace
}  // namespace syncline::channel
