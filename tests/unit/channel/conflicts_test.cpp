// SPDX-License-Identifier: Apache-2.0
// The rules of "Bases and conflicts".
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
