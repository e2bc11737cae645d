// SPDX-License-Identifier: Apache-2.0
// How somebody resolves a conflict that was kept.
#include "unit/channel/kept.h"

namespace syncline::channel {
namespace {

using tests::appendElsewhere;
using tests::base;
using tests::increment;
using tests::Judge;
using tests::Kept;
using tests::kMine;
using tests::kTheirs;
using tests::member;
using tests::merge;
using tests::parsed;
using tests::remove;
using tests::resolution;
using tests::set;

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

TEST(Resolving, ADecisionAboutARecordWhoseDeleteIsForgottenIsAConflict) {
    Kept kept;
    kept.world.settings.checkpointOpsMax = 2;
    kept.world.settings.channels[0].historyOpsMax = 2;
    kept.collide();
    kept.ann.send(remove("a"));
    for (int i = 0; i < 8; ++i) kept.ann.send(set("b", "1"));
    ASSERT_EQ(kept.world.storage.recordImages("room"), 2U) << "the tombstone is gone";
    const std::string chosen = R"("value":{"x":5})";
    EXPECT_EQ(kept.bob.resolve(resolution("3", chosen, base(2))),
              R"({"type":"conflict","channel":"room","key":"a","n":2,"conflict":"3",)"
              R"("mine":{"x":3,"y":1},"paths":["/x"],"theirs":null,"version":0,"user":"",)"
              R"("settled":true})");
    EXPECT_EQ(kept.open().size(), 1U);
    EXPECT_EQ(kept.ann.value("a"), "");
    EXPECT_EQ(member(kept.bob.resolve(resolution("3", chosen, base(12))), "outcome"), "applied");
    EXPECT_EQ(kept.ann.value("a"), R"({"x":5})");
}

TEST(Resolving, IsAWriteToWhoeverHadNotSeenIt) {
    Kept kept;
    kept.collide();
    tests::Client cid(kept.world, "cid");
    EXPECT_EQ(member(kept.bob.resolve(resolution("3", kMine, base(2))), "seq"), "4");
    EXPECT_EQ(member(cid.send(merge("a", R"({"y":9})", base(3))), "outcome"), "applied")
        << "it wrote elsewhere";
    EXPECT_EQ(member(cid.send(merge("a", R"({"x":9})", base(3))), "paths"), R"(["/x"])");
    EXPECT_EQ(member(cid.send(merge("a", R"({"x":9})", base(4))), "outcome"), "applied");
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
        {R"("conflict":"3","key":"a","value":1,"kind":"void")", "1102"},
        {R"("conflict":"3","key":"a","take":"mine","path":"/x")", "1102"},
        {R"("conflict":"3","key":"a","value":1,"hlc":"late")", "1102"},
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

}  // namespace
}  // namespace syncline::channel
