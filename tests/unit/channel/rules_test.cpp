// SPDX-License-Identifier: Apache-2.0
// What strategies are asked, what they may decide, and the effective op it comes to.
#include "unit/channel/judge.h"

namespace syncline::channel {
namespace {

using tests::base;
using tests::Client;
using tests::Judge;
using tests::Listener;
using tests::member;
using tests::merge;
using tests::remove;
using tests::set;
using tests::Strict;
using tests::World;

TEST(Rules, WithoutAStrategyTheLastToArriveWins) {
    World world;
    Client ann(world, "ann");
    Client bob(world, "bob");
    ann.send(set("a", "1"));
    EXPECT_EQ(member(bob.send(set("a", "2", base(0))), "outcome"), "applied");
    EXPECT_EQ(bob.value("a"), "2");
}

TEST(Rules, PathsAreGroupedByTheRuleThatNamesThem) {
    World world;
    Judge conflicts(Verdict::conflict);
    Judge keeps(Verdict::keep);
    world.settings.conflicts = {{"", "", "/strict", &conflicts}, {"", "", "/kept", &keeps}};
    Client ann(world, "ann");
    Client bob(world, "bob");
    ann.send(set("a", R"({"strict":1,"kept":1,"free":1})"));
    ann.send(merge("a", R"({"strict":2,"kept":2,"free":2})"));
    EXPECT_EQ(member(bob.send(merge("a", R"({"free":3})", base(1))), "outcome"), "applied");
    const std::string merged = bob.send(merge("a", R"({"kept":4,"free":4})", base(1)));
    EXPECT_EQ(member(merged, "outcome"), "merged");
    EXPECT_EQ(member(merged, "value"), R"({"strict":2,"kept":2,"free":4})");
    const std::string all = bob.send(merge("a", R"({"strict":5,"kept":5,"free":5})", base(1)));
    EXPECT_EQ(member(all, "paths"), R"(["/strict"])") << "one conflict makes the whole op so";
    EXPECT_EQ(bob.value("a"), R"({"free":4,"kept":2,"strict":2})");
}

// A whole record goes through the rules of its parts: none is avoided by setting or deleting it.
TEST(Rules, APathsRuleIsAskedAboutWholeRecordsToo) {
    World world;
    Judge conflicts(Verdict::conflict);
    Judge keeps(Verdict::keep);
    world.settings.conflicts = {
        {"", "", "/strict", &conflicts}, {"", "", "/deep/*", &keeps}, {"", "", "", nullptr}};
    Client ann(world, "ann");
    Client bob(world, "bob");
    ann.send(set("a", R"({"strict":1,"deep":{"x":1,"y":1},"free":1})"));
    ann.send(merge("a", R"({"strict":2,"deep":{"x":2},"free":2})"));
    const std::string both = bob.send(set("a", R"({"strict":3,"free":3})", base(1)));
    EXPECT_EQ(member(both, "type"), "conflict");
    EXPECT_EQ(member(both, "paths"), R"(["/strict"])");
    EXPECT_EQ(member(bob.send(remove("a", base(1))), "paths"), R"(["/strict"])");
    EXPECT_EQ(conflicts.asked, 2);
    // What the op leaves as it is needs nobody's word.
    const std::string kept =
        bob.send(set("a", R"({"strict":2,"deep":{"x":9,"y":9},"free":4})", base(1)));
    EXPECT_EQ(member(kept, "outcome"), "merged");
    EXPECT_EQ(keeps.paths, (std::vector<std::string>{"/deep/x"}));
    EXPECT_EQ(bob.value("a"), R"({"deep":{"x":2,"y":9},"free":4,"strict":2})");
    EXPECT_EQ(conflicts.asked, 2);
    // A merge and a patch that take away what is around.
    EXPECT_EQ(member(bob.send(merge("a", R"({"deep":null})", base(1))), "outcome"), "merged");
    EXPECT_EQ(bob.value("a"), R"({"deep":{"x":2},"free":4,"strict":2})");
    const std::string patched = bob.send(
        R"("kind":"patch","key":"a","patch":[{"op":"replace","path":"/deep","value":{}}])" +
        base(1));
    EXPECT_EQ(member(patched, "value"), R"({"strict":2,"free":4,"deep":{"x":2}})");
    world.crash();
    EXPECT_EQ(bob.value("a"), R"({"deep":{"x":2},"free":4,"strict":2})");
}

TEST(Rules, OneThatIsAskedAlwaysSeesItsPathInANewRecordToo) {
    World world;
    Judge keeps(Verdict::keep, true);
    world.settings.conflicts = {{"", "", "/owner", &keeps}};
    Client ann(world, "ann");
    ann.send(set("a", R"({"owner":"ann","text":"x"})"));
    EXPECT_EQ(ann.value("a"), R"({"text":"x"})") << "the rule keeps that there is none";
    ann.send(set("b", "1"));
    EXPECT_EQ(member(ann.send(remove("b")), "outcome"), "applied");
    EXPECT_EQ(member(ann.send(set("a", "7")), "outcome"), "applied");
}

TEST(Rules, WhatIsKeptBeneathAScalarIsAConflict) {
    World world;
    Judge keeps(Verdict::keep);
    world.settings.conflicts = {{"", "", "/owner", &keeps}};
    Client ann(world, "ann");
    Client bob(world, "bob");
    ann.send(set("a", R"({"owner":1})"));
    ann.send(merge("a", R"({"owner":2})"));
    EXPECT_EQ(member(bob.send(set("a", "7", base(1))), "type"), "conflict");
    EXPECT_EQ(member(bob.send(remove("a", base(1))), "outcome"), "merged");
    EXPECT_EQ(bob.value("a"), R"({"owner":2})");
}

TEST(Rules, ARefusalIs1212WithTheServersValue) {
    Strict strict(Verdict::refuse);
    strict.ann.send(set("a", "1"));
    const std::string refused = strict.bob.send(set("a", "2", base(0)));
    EXPECT_EQ(member(refused, "code"), "1212");
    EXPECT_EQ(member(refused, "settled"), "true");
    EXPECT_EQ(member(refused, "detail"), R"({"paths":[""],"value":1,"version":1})");
    EXPECT_EQ(strict.bob.value("a"), "1");
}

TEST(Rules, AStrategySeesBaseCurrentIncomingAndWho) {
    Strict strict;
    strict.judge.each = [](const TouchedPath& path) {
        EXPECT_EQ(json::toText(*path.base), "1");
        EXPECT_EQ(json::toText(*path.current), "2");
        EXPECT_EQ(json::toText(*path.incoming), "3");
        return PathVerdict{Verdict::take, {}};
    };
    strict.ann.send(set("a", R"({"x":1})"));
    strict.ann.send(merge("a", R"({"x":2})"));
    EXPECT_EQ(member(strict.bob.send(merge("a", R"({"x":3})", base(1))), "outcome"), "applied");
    EXPECT_TRUE(strict.judge.baseKnown);
    EXPECT_EQ(strict.judge.base, R"({"x":1})");
    EXPECT_EQ(strict.judge.theirBy, "ann");
    EXPECT_EQ(strict.judge.stamps, (std::vector<std::uint64_t>{2}));
}

TEST(Rules, OneThatIsAskedAlwaysSeesAllPathsEvenWithoutABase) {
    Strict strict(Verdict::take, true);
    strict.ann.send(set("a", R"({"x":1,"y":1})"));
    strict.bob.send(merge("a", R"({"x":2,"y":2})"));
    EXPECT_EQ(strict.judge.paths, (std::vector<std::string>{"/x", "/y"}));
    EXPECT_EQ(strict.judge.stamps, (std::vector<std::uint64_t>{1, 1}));
    EXPECT_FALSE(strict.judge.baseKnown);
}

TEST(Rules, TheBaseIsUnknownOutsideTheLogInMemory) {
    Strict strict;
    strict.world.settings.logMemoryBytesMax = 1;
    strict.ann.send(set("a", "1"));
    strict.ann.send(set("a", "2"));
    const std::string conflict = strict.bob.send(set("a", "3", base(1)));
    EXPECT_FALSE(strict.judge.baseKnown);
    EXPECT_EQ(member(conflict, "type"), "conflict");
    EXPECT_EQ(member(conflict, "base"), "");
}

TEST(Rules, TheBaseIsRebuiltThroughEntriesInFlightToo) {
    Strict strict;
    strict.ann.send(set("a", R"({"x":1})"));
    strict.ann.post(merge("a", R"({"x":2})"));
    strict.ann.post(merge("a", R"({"y":2})"));
    strict.bob.post(merge("a", R"({"x":3})", base(1)));
    strict.world.settle();
    EXPECT_EQ(member(strict.bob.replies[0], "base"), R"({"x":1})");
    EXPECT_EQ(member(strict.bob.replies[0], "theirs"), R"({"x":2,"y":2})");
}

TEST(Rules, AStrategysFailureSettlesNothingAndAWrongAnswerIsOne) {
    Strict strict;
    strict.ann.send(set("a", "1"));
    strict.judge.error = core::Error::of(core::Code::pluginFailed, "it hangs");
    const std::string failed = strict.bob.send(set("a", "2", base(0)));
    EXPECT_EQ(member(failed, "code"), "1004");
    EXPECT_EQ(member(failed, "settled"), "false");
    strict.judge.error.reset();
    strict.judge.wrongCount = true;
    EXPECT_EQ(member(strict.bob.send(set("a", "2", base(0)), 1), "code"), "1004");
    strict.judge.wrongCount = false;
    EXPECT_EQ(member(strict.bob.send(set("a", "2", base(0)), 1), "type"), "conflict");
}

// What the effective op of each mixture of verdicts is, and that it gives the value plainly.
TEST(EffectiveOps, SayWhatTheVerdictsCameTo) {
    struct Case {
        const char* op;
        const char* path;  // the verdict is for this path, the others are taken
        Verdict verdict;
        const char* put;
        const char* kind;
        const char* after;
    };
    const std::string current = R"({"n":5,"o":{"p":1},"x":1,"y":1})";
    for (const Case& c : std::initializer_list<Case>{
             {R"("kind":"merge","value":{"x":2,"y":2})", "/x", Verdict::keep, "", "merge",
              R"({"n":5,"o":{"p":1},"x":1,"y":2})"},
             {R"("kind":"merge","value":{"x":2,"y":2})", "/x", Verdict::put, "7", "merge",
              R"({"n":5,"o":{"p":1},"x":7,"y":2})"},
             {R"("kind":"merge","value":{"x":2,"y":2})", "/x", Verdict::put, R"({"z":null})", "set",
              R"({"n":5,"o":{"p":1},"x":{"z":null},"y":2})"},
             {R"("kind":"merge","value":{"x":2,"y":2})", "/x", Verdict::put, "null", "set",
              R"({"n":5,"o":{"p":1},"x":null,"y":2})"},
             {R"("kind":"merge","value":{"x":2})", "/x", Verdict::keep, "", "merge",
              R"({"n":5,"o":{"p":1},"x":1,"y":1})"},
             {R"("kind":"merge","value":{"o":{"p":2},"y":2})", "/o/p", Verdict::keep, "", "merge",
              R"({"n":5,"o":{"p":1},"x":1,"y":2})"},
             {R"("kind":"merge","value":{"new":{"p":2},"y":2})", "/new/p", Verdict::keep, "",
              "merge", R"({"n":5,"o":{"p":1},"x":1,"y":2})"},
             {R"("kind":"set","value":{"x":2})", "", Verdict::keep, "", "merge",
              R"({"n":5,"o":{"p":1},"x":1,"y":1})"},
             {R"("kind":"set","value":{"x":2})", "", Verdict::put, R"({"w":1})", "set",
              R"({"w":1})"},
             {R"("kind":"delete")", "", Verdict::keep, "", "merge",
              R"({"n":5,"o":{"p":1},"x":1,"y":1})"},
             {R"("kind":"increment","path":"/n","by":2)", "/n", Verdict::keep, "", "merge",
              R"({"n":5,"o":{"p":1},"x":1,"y":1})"},
             {R"("kind":"increment","path":"/n","by":2)", "/n", Verdict::put, "100", "set",
              R"({"n":100,"o":{"p":1},"x":1,"y":1})"},
         }) {
        Strict strict(Verdict::take, true);
        strict.ann.send(set("a", current));
        Listener listener;
        strict.world.topics[0]->add("room", listener, listener.membership);
        ASSERT_TRUE(strict.ann.subscribe()->live);
        strict.judge.each = [&c](const TouchedPath& path) {
            if (path.path != c.path) return PathVerdict{Verdict::take, {}};
            PathVerdict verdict{c.verdict, {}};
            if (*c.put != '\0') verdict.value = tests::parsed(c.put);
            return verdict;
        };
        const std::string reply = strict.bob.send(R"("key":"a",)" + std::string(c.op));
        EXPECT_EQ(member(reply, "outcome"), "merged") << c.op;
        EXPECT_EQ(tests::parsed(member(reply, "value")), tests::parsed(c.after)) << reply;
        EXPECT_EQ(strict.bob.value("a"), c.after) << c.op;
        ASSERT_EQ(listener.updates.size(), 1U);
        EXPECT_EQ(member(listener.updates[0], "kind"), c.kind) << c.op;
        strict.judge.each = nullptr;
        strict.world.crash();
        EXPECT_EQ(strict.bob.value("a"), c.after) << "replayed plainly: " << c.op;
        EXPECT_EQ(member(strict.bob.send(R"("key":"a",)" + std::string(c.op), 1), "original"),
                  "merged");
    }
}

TEST(EffectiveOps, APathThatStoodIsNotMarkedAsChanged) {
    World world;
    Judge keeps(Verdict::keep);
    world.settings.conflicts = {{"", "", "", &keeps}};
    Client ann(world, "ann");
    Client bob(world, "bob");
    Client cid(world, "cid");
    ann.send(set("a", R"({"x":1})"));
    bob.send(set("a", R"({"x":2})", base(0)));  // kept: nothing changed
    EXPECT_EQ(member(cid.send(set("a", R"({"x":3})", base(1))), "outcome"), "applied");
}

TEST(Tombstones, ThatTheLogHasPassedStillStopAnOldMerge) {
    World world;
    Judge judge(Verdict::conflict);
    world.settings.conflicts = {{"", "", "", &judge}};
    world.settings.checkpointOpsMax = 2;
    world.settings.channels[0].historyOpsMax = 2;
    Client ann(world, "ann");
    Client bob(world, "bob");
    ann.send(set("a", R"({"x":1})"));
    ann.send(remove("a"));
    for (int i = 0; i < 8; ++i) ann.send(set("b", std::to_string(i)));
    EXPECT_EQ(world.storage.recordImages("room"), 1U) << "the tombstone is gone";
    const std::string old = bob.send(merge("a", R"({"y":1})", base(1)));
    EXPECT_EQ(member(old, "type"), "conflict");
    EXPECT_FALSE(judge.baseKnown);
    EXPECT_EQ(member(bob.send(set("a", R"({"y":1})", base(1))), "outcome"), "applied");
    EXPECT_EQ(member(bob.send(merge("c", R"({"y":1})", base(0))), "outcome"), "applied");
}

}  // namespace
}  // namespace syncline::channel
