// SPDX-License-Identifier: Apache-2.0
// Conflicts that are kept as records.
#include "unit/channel/kept.h"

namespace syncline::channel {
namespace {

using tests::appendElsewhere;
using tests::base;
using tests::FakeStorage;
using tests::Kept;
using tests::kMine;
using tests::kTheirs;
using tests::Listener;
using tests::member;
using tests::merge;
using tests::remove;
using tests::resolution;
using tests::set;

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
    // Who may write the one record may not write the other for that.
    EXPECT_EQ(member(kept.ann.resolve(resolution("3", kMine, base(2))), "code"), "1102");
    EXPECT_EQ(kept.ann.value("b"), "");
    EXPECT_EQ(kept.open().size(), 1U);
    EXPECT_EQ(member(kept.ann.resolve(resolution("3", R"("value":3)", base(2))), "outcome"),
              "applied")
        << kept.ann.replies.back() << kept.record("3");
    EXPECT_EQ(kept.ann.value("a"), "3");
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

TEST(ManualConflicts, ACommitThatMayHaveHappenedAnswersAsTheLogSays) {
    for (const auto fault : {FakeStorage::Fault::unknownKept, FakeStorage::Fault::unknownLost}) {
        Kept kept;
        kept.ann.send(set("a", "1"));
        kept.ann.send(set("a", "2"));
        kept.world.storage.commitFaults = {fault};
        const bool isKept = fault == FakeStorage::Fault::unknownKept;
        EXPECT_EQ(member(kept.bob.send(set("a", "3", base(1))), "conflict"), isKept ? "3" : "");
        EXPECT_EQ(kept.open().size(), isKept ? 1U : 0U);
        EXPECT_EQ(member(kept.bob.send(set("a", "3", base(1)), 1), "conflict"), "3");
        EXPECT_EQ(kept.open().size(), 1U);
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

}  // namespace
}  // namespace syncline::channel
