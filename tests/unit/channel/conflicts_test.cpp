// SPDX-License-Identifier: Apache-2.0
// The rules of "Bases and conflicts".
#include "channel/channel_loading.h"
#include "channel/image_codec.h"
#include "unit/channel/judge.h"

namespace syncline::channel {
namespace {

using tests::base;
using tests::Client;
using tests::increment;
using tests::member;
using tests::merge;
using tests::remove;
using tests::set;
using tests::Strict;
using tests::World;

TEST(Bases, AMissingBaseAsksForNoTest) {
    Strict strict;
    strict.ann.send(set("a", "1"));
    EXPECT_EQ(member(strict.bob.send(set("a", "2")), "outcome"), "applied");
    EXPECT_EQ(strict.judge.asked, 0);
}

TEST(Bases, NullMeansZero) {
    Strict strict;
    strict.ann.send(set("a", "1"));
    EXPECT_EQ(member(strict.bob.send(set("a", "2", ",\"base\":null")), "type"), "conflict");
}

TEST(Bases, AheadOfTheChannelIs1209AndConsumesNothing) {
    Strict strict;
    const std::string ahead = strict.ann.send(set("a", "1", base(1)));
    EXPECT_EQ(member(ahead, "code"), "1209");
    EXPECT_EQ(member(ahead, "settled"), "false");
    EXPECT_EQ(member(strict.ann.send(set("a", "1", base(0)), 1), "outcome"), "applied");
    EXPECT_EQ(member(strict.ann.send(set("a", "1", R"(,"epoch":"other")")), "code"), "1209");
    const std::string epoch = strict.ann.subscribe()->reached.epoch;
    EXPECT_EQ(member(strict.ann.send(set("a", "1", ",\"epoch\":\"" + epoch + "\""), 2), "outcome"),
              "applied");
}

/// A world whose log keeps little, in which "a1" to "a4" were deleted and are forgotten. The record
/// "kept" was there all along.
struct Forgetful : Strict {
    Forgetful() {
        world.settings.checkpointOpsMax = 2;
        world.settings.channels[0].historyOpsMax = 2;
    }

    void forget() {
        ann.send(set("kept", R"({"x":1,"y":1})"));
        for (const char* key : {"a1", "a2", "a3", "a4"}) ann.send(set(key, R"({"x":1})"));
        for (const char* key : {"a1", "a2", "a3", "a4"}) ann.send(remove(key));
        for (int i = 0; i < 8; ++i) ann.send(set("b", "1"));
    }

    /// Cid makes them anew, each in a way that leaves the rest of the record alone.
    void makeAnew() {
        cid.send(merge("a1", R"({"y":1})"));
        cid.send(increment("a2", "/n", 1));
        cid.send(R"("kind":"add","key":"a3","path":"/s","value":1)");
        cid.sendBatch(R"("ops":[{"kind":"insert","key":"a4","path":"/l","element":"e",)"
                      R"("value":{}}])");
        cid.send(merge("kept", R"({"y":2})"));
    }

    void expectConflicts(std::uint64_t at) {
        for (const char* key : {"a1", "a2", "a3", "a4"}) {
            const std::string old = bob.send(merge(key, R"({"x":5})", base(at)));
            EXPECT_EQ(member(old, "type"), "conflict") << key << " at " << at;
            EXPECT_FALSE(judge.baseKnown) << key;
        }
    }

    Client cid{world, "cid"};
};

TEST(Bases, ABaseBelowTheStampFloorConflictsOnTheWholeRecord) {
    Forgetful forgetful;
    forgetful.forget();
    ASSERT_EQ(forgetful.world.storage.recordImages("room"), 2U) << "the tombstones are gone";
    forgetful.makeAnew();
    forgetful.expectConflicts(5);
    forgetful.world.crash();
    forgetful.expectConflicts(5);
    for (int i = 0; i < 4; ++i) forgetful.ann.send(set("b", "2"));
    forgetful.world.crash();
    forgetful.expectConflicts(8);
    Client& bob = forgetful.bob;
    EXPECT_EQ(member(bob.send(set("a1", "5", base(5))), "type"), "conflict") << "a set too";
    EXPECT_EQ(member(bob.send(increment("new", "/n", 1, base(0))), "outcome"), "applied")
        << "nothing is there, and its author had seen nothing";
    EXPECT_EQ(member(bob.send(increment("new", "/n", 1, base(0))), "outcome"), "applied")
        << "nor has it since";
    EXPECT_EQ(member(forgetful.cid.send(increment("new", "/n", 1, base(0))), "outcome"), "applied")
        << "increments of one path commute";
    const std::size_t batch =
        bob.postBatch(R"("ops":[{"key":"made","kind":"merge","value":{"a":1},"base":0},)"
                      R"({"key":"made","kind":"increment","path":"/n","by":1,"base":0}])");
    forgetful.world.settle();
    EXPECT_EQ(member(bob.replies[batch], "outcome"), "applied") << bob.replies[batch];
    EXPECT_EQ(member(bob.send(merge("a3", R"({"x":5})", base(17))), "outcome"), "applied")
        << "its author knew of the delete";
    EXPECT_EQ(member(bob.send(merge("kept", R"({"x":5})", base(1))), "outcome"), "applied")
        << "it was there all along";
}

TEST(Bases, AWriteOfTheWholeRecordTellsAsMuchAsItsFloor) {
    Forgetful forgetful;
    forgetful.forget();
    forgetful.makeAnew();
    forgetful.cid.send(set("a1", R"({"x":7})"));
    EXPECT_EQ(member(forgetful.cid.send(merge("a1", R"({"x":8})", base(5))), "outcome"), "applied")
        << "one's own";
    EXPECT_EQ(member(forgetful.bob.send(merge("a1", R"({"x":9})", base(5))), "type"), "conflict");
}

// The sequencer forgets when a checkpoint is made; what it then sequences must be the same again
// from a log whose checkpoint is an older one.
TEST(Bases, TheFloorOfARecordIsInTheLogToo) {
    Forgetful forgetful;
    World& world = forgetful.world;
    world.storage.failCheckpoints = true;
    forgetful.forget();
    forgetful.makeAnew();
    const auto replayed = loadChannel(world.storage, {"room", "fresh", false, 64, 10'000, 1 << 20});
    ASSERT_TRUE(replayed);
    world.storage.failCheckpoints = false;
    world.directory().drain([] {});
    world.settle();
    const StoredChannel written = *world.storage.load("room");
    ASSERT_TRUE(written.checkpoint && written.entries.empty());
    ASSERT_EQ(written.checkpoint->records.size(), 6U);
    for (const StoredItem& item : written.checkpoint->records)
        EXPECT_EQ(encodeRecord(*replayed->find(item.name)), item.body) << item.name;
    CommittedState head;
    ASSERT_TRUE(decodeHead(written.checkpoint->head, head));
    EXPECT_EQ(replayed->floor, head.floor);
    EXPECT_EQ(head.floor, 9U);
}

TEST(Bases, AResendIsAnsweredWhateverItsEpoch) {
    Strict strict;
    strict.ann.send(set("a", "1"));
    EXPECT_EQ(member(strict.ann.send(set("a", "1", R"(,"epoch":"older")"), 1), "outcome"),
              "duplicate");
}

TEST(Conflicts, AreChangesOfAnotherStreamBehindTheBase) {
    Strict strict;
    strict.ann.send(set("a", R"({"x":1})"));
    EXPECT_EQ(member(strict.ann.send(set("a", R"({"x":2})", base(0))), "outcome"), "applied")
        << "one's own";
    EXPECT_EQ(member(strict.bob.send(set("a", R"({"x":3})", base(2))), "outcome"), "applied")
        << "the base has it";
    EXPECT_EQ(strict.ann.send(set("a", R"({"x":4})", base(2))),
              R"({"type":"conflict","channel":"room","key":"a","n":3,"base":{"x":2},)"
              R"("mine":{"x":4},"theirs":{"x":3},"version":3,"user":"bob","paths":[""],)"
              R"("settled":true})");
    EXPECT_EQ(strict.ann.value("a"), R"({"x":3})");
    EXPECT_EQ(member(strict.ann.send(set("a", R"({"x":4})", base(2)), 3), "duplicate"), "true");
    EXPECT_EQ(member(strict.bob.send(set("b", "1")), "seq"), "4") << "a conflict takes no seq";
}

TEST(Conflicts, SetMergePatchAndDeleteAreOfOneClassThatMeetsItself) {
    const std::vector<std::string> writes = {
        set("a", R"({"x":2})"), merge("a", R"({"x":2})"), remove("a"),
        R"("kind":"patch","key":"a","patch":[{"op":"add","path":"/x","value":2}])"};
    for (const std::string& first : writes)
        for (const std::string& second : writes) {
            Strict strict;
            strict.ann.send(set("a", R"({"x":1})"));
            strict.ann.send(first);
            EXPECT_EQ(member(strict.bob.send(second + base(1)), "type"), "conflict")
                << second << " over " << first;
        }
}

TEST(Conflicts, AMergeTouchesItsLeaves) {
    Strict strict;
    strict.ann.send(set("a", R"({"x":1,"y":1,"in":{"z":1}})"));
    strict.ann.send(merge("a", R"({"x":2,"in":{"z":2}})"));
    EXPECT_EQ(member(strict.bob.send(merge("a", R"({"y":3,"in":{"w":3}})", base(1))), "outcome"),
              "applied");
    const std::string conflict =
        strict.bob.send(merge("a", R"({"x":4,"y":4,"in":{"z":4,"w":4}})", base(1)));
    EXPECT_EQ(member(conflict, "paths"), R"(["/x","/in/z"])");
    EXPECT_EQ(member(conflict, "base"), R"({"x":1,"y":1,"in":{"z":1}})");
    EXPECT_EQ(member(strict.bob.send(merge("a", R"({"in":null})", base(1))), "paths"), R"(["/in"])")
        << "descendants";
}

TEST(Conflicts, AMergeTouchesWhatItReplacesOnItsWay) {
    Strict strict;
    strict.ann.send(set("a", R"({"s":1})"));
    strict.ann.send(merge("a", R"({"s":2})"));
    EXPECT_EQ(member(strict.bob.send(merge("a", R"({"s":{"x":3,"y":4}})", base(1))), "paths"),
              R"(["/s"])");
}

TEST(Conflicts, IncrementsCommuteAmongThemselvesButNotWithWrites) {
    Strict strict;
    strict.ann.send(set("a", R"({"n":1})"));
    strict.ann.send(increment("a", "/n", 1, base(1)));
    EXPECT_EQ(member(strict.bob.send(increment("a", "/n", 1, base(1))), "outcome"), "applied");
    EXPECT_EQ(member(strict.bob.send(merge("a", R"({"n":0})", base(1))), "type"), "conflict");
    strict.ann.send(merge("a", R"({"n":9})", base(3)));
    EXPECT_EQ(member(strict.bob.send(increment("a", "/n", 1, base(3))), "type"), "conflict");
}

TEST(Conflicts, APathIsCutAtTheFirstArrayItEnters) {
    Strict strict;
    strict.ann.send(set("a", R"({"list":[1,2],"n":0})"));
    strict.ann.send(increment("a", "/list/0", 5, base(1)));
    EXPECT_EQ(strict.ann.value("a"), R"({"list":[6,2],"n":0})");
    const std::string conflict = strict.bob.send(merge("a", R"({"list":[9]})", base(1)));
    EXPECT_EQ(member(conflict, "paths"), R"(["/list"])");
}

TEST(Conflicts, ADeleteConflictsWithAnyChangeAndAnyChangeWithIt) {
    Strict strict;
    strict.ann.send(set("a", R"({"x":1})"));
    strict.ann.send(merge("a", R"({"x":2})"));
    const std::string conflict = strict.bob.send(remove("a", base(1)));
    EXPECT_EQ(member(conflict, "mine"), "null");
    EXPECT_EQ(member(conflict, "theirs"), R"({"x":2})");
    strict.ann.send(remove("a", base(2)));
    const std::string behind = strict.bob.send(merge("a", R"({"x":3})", base(2)));
    EXPECT_EQ(member(behind, "theirs"), "null");
    EXPECT_EQ(member(behind, "mine"), R"({"x":3})");
    EXPECT_EQ(member(behind, "version"), "3") << "of the tombstone";
}

TEST(MissingRecords, SetAndMergeCreateIncrementCountsFromZeroDeleteIsApplied) {
    World world;
    Client ann(world, "ann");
    ann.send(merge("m", R"({"a":{"b":1},"c":null})"));
    ann.send(increment("i", "", 3));
    ann.send(increment("j", "/a/b", 4));
    EXPECT_EQ(member(ann.send(remove("never")), "outcome"), "applied");
    EXPECT_EQ(ann.value("m"), R"({"a":{"b":1}})");
    EXPECT_EQ(ann.value("i"), "3");
    EXPECT_EQ(ann.value("j"), R"({"a":{"b":4}})");
    ann.send(remove("i"));
    EXPECT_EQ(ann.value("i"), "");
    ann.send(increment("i", "/x", 1));
    EXPECT_EQ(ann.value("i"), R"({"x":1})");
}

TEST(MissingRecords, APatchIs1204UnlessItsFirstStepAddsTheRoot) {
    World world;
    Client ann(world, "ann");
    const auto patch = [&ann](const std::string& steps) {
        return ann.send(R"("kind":"patch","key":"a","patch":)" + steps);
    };
    const std::string inner = R"([{"op":"add","path":"/x","value":1}])";
    const std::string late =
        R"([{"op":"test","path":"","value":null},{"op":"add","path":"","value":{}}])";
    const std::string root =
        R"([{"op":"add","path":"","value":{}},{"op":"add","path":"/x","value":1}])";
    for (const char* gone : {"never there", "deleted"}) {
        for (const std::string& steps : {std::string("[]"), inner, late})
            EXPECT_EQ(member(patch(steps), "code"), "1204") << gone << steps;
        EXPECT_EQ(member(patch(root), "outcome"), "applied") << gone;
        EXPECT_EQ(ann.value("a"), R"({"x":1})");
        ann.send(remove("a"));
    }
}

TEST(MissingRecords, ATombstonesVersionIsTheSeqOfItsDelete) {
    Strict strict;
    strict.ann.send(set("a", "1"));
    strict.ann.send(set("b", "1"));
    const std::string gone = strict.ann.send(remove("a"));
    EXPECT_EQ(member(gone, "seq"), "3");
    EXPECT_EQ(member(gone, "version"), "3");
    const std::string behind = strict.bob.send(set("a", "2", base(2)));
    EXPECT_EQ(member(behind, "type"), "conflict");
    EXPECT_EQ(member(behind, "version"), "3");
    EXPECT_EQ(member(strict.ann.send(remove("a", base(3))), "version"), "4") << "a delete again";
    EXPECT_EQ(member(strict.bob.send(set("a", "2", base(3))), "version"), "4");
    EXPECT_EQ(member(strict.bob.send(set("a", "2", base(4))), "version"), "5")
        << "who saw the delete builds on it";
}

TEST(Increments, OfWhatIsNoNumberAre1205AndBeyondTheExactIntegers1206) {
    struct Case {
        const char* value;
        const char* path;
        const char* by;
        const char* code;
    };
    World world;
    Client ann(world, "ann");
    for (const Case& c : std::initializer_list<Case>{
             {R"({"n":"1"})", "/n", "1", "1205"},
             {R"({"n":null})", "/n", "1", "1205"},
             {R"({"n":5})", "/n/x", "1", "1205"},
             {R"({"n":[1]})", "/n/1", "1", "1205"},
             {R"([])", "", "1", "1205"},
             {R"(9007199254740991)", "", "1", "1206"},
             {R"(9007199254740990)", "", "1", ""},
             {R"(-9007199254740991)", "", "-1", "1206"},
             {R"(0)", "", "1e300", "1206"},
             {R"(0.5)", "", "0.25", ""},
         }) {
        ann.send(set("a", c.value));
        const std::string reply = ann.send(R"("kind":"increment","key":"a","path":")" +
                                           std::string(c.path) + R"(","by":)" + c.by);
        EXPECT_EQ(member(reply, "code"), c.code) << c.value << c.path << c.by;
        EXPECT_EQ(member(reply, "settled"), "true");
    }
}

TEST(Limits, ARecordThatIsOrBecomesTooLargeIs1203) {
    World world;
    world.settings.recordBytesMax = 30;
    Client ann(world, "ann");
    EXPECT_EQ(member(ann.send(set("a", "\"" + std::string(29, 'x') + "\"")), "code"), "1203");
    EXPECT_EQ(member(ann.send(set("a", "\"" + std::string(28, 'x') + "\"")), "outcome"), "applied");
    ann.send(set("m", R"({"a":"xxxxxxxxxx"})"));
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(member(ann.send(merge("m", R"({"a":"yyyyyyyyyy"})")), "outcome"), "applied")
            << "the same size again and again";
    const std::string large = ann.send(merge("m", R"({"b":"yyyyyyyyyy"})"));
    EXPECT_EQ(member(large, "code"), "1203");
    EXPECT_EQ(member(large, "settled"), "true");
    EXPECT_EQ(ann.value("m"), R"({"a":"yyyyyyyyyy"})");
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(member(ann.send(increment("n", "/count", 1)), "outcome"), "applied");
}

TEST(Limits, MoreRecordsThanAChannelMayHaveAre1203) {
    World world;
    world.settings.channelRecordsMax = 2;
    Client ann(world, "ann");
    ann.post(set("a", "1"));
    ann.post(set("b", "1"));
    ann.post(set("c", "1"));
    ann.post(set("b", "2"));
    world.settle();
    EXPECT_EQ(member(ann.replies[1], "outcome"), "applied");
    EXPECT_EQ(member(ann.replies[2], "code"), "1203");
    EXPECT_EQ(member(ann.replies[3], "outcome"), "applied");
}

TEST(Limits, StampsBeyondTheLimitMakeConflictsWiderNeverFewer) {
    Strict strict;
    strict.world.settings.stampsMax = 4;
    strict.ann.send(set("a", R"({"in":{}})"));
    for (const char* field : {"a", "b", "c", "d", "e"})
        strict.ann.send(merge("a", std::string(R"({"in":{")") + field + "\":1}}"));
    EXPECT_EQ(member(strict.bob.send(merge("a", R"({"in":{"z":1}})", base(1))), "type"),
              "conflict");
    EXPECT_EQ(member(strict.bob.send(merge("a", R"({"out":1})", base(1))), "outcome"), "applied");
}

}  // namespace
}  // namespace syncline::channel
