// SPDX-License-Identifier: Apache-2.0
// What becomes of a conflict that nobody resolves.
#include "unit/channel/kept.h"

namespace syncline::channel {
namespace {

using tests::base;
using tests::FakeStorage;
using tests::increment;
using tests::Kept;
using tests::kTheirs;
using tests::member;
using tests::merge;
using tests::parsed;
using tests::resolution;
using tests::set;

constexpr std::int64_t kDayMs = 86'400'000;

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

TEST(Expiry, WaitsForAStrategyThatFailsAndThenTakesTheOp) {
    Kept kept(R"({"expireMs":1000,"then":"mine"})");
    tests::Judge always(Verdict::take, true);
    kept.world.settings.conflicts.insert(kept.world.settings.conflicts.begin(),
                                         {"", "", "/z", &always});
    kept.ann.send(set("a", R"({"x":1})"));
    kept.ann.send(merge("a", R"({"x":2})"));
    kept.bob.send(merge("a", R"({"x":3,"z":1})", base(1)));
    const int askedBefore = always.asked;
    always.error = core::Error::of(core::Code::pluginFailed, "not now");
    for (int i = 0; i < 4; ++i) kept.pass(1'000);
    EXPECT_EQ(kept.open().size(), 1U) << "neither side was chosen for it";
    EXPECT_GT(always.asked, askedBefore);
    EXPECT_LE(always.asked, askedBefore + 4) << "not at every tick";
    always.error.reset();
    for (int i = 0; i < 3; ++i) kept.pass(1'000);
    EXPECT_TRUE(kept.open().empty());
    EXPECT_EQ(kept.ann.value("a"), R"({"x":3,"z":1})");
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

TEST(Expiry, IsKnownFromACheckpointToo) {
    Kept kept(R"({"expireMs":1000,"then":"mine"})");
    kept.world.settings.checkpointOpsMax = 1;
    kept.world.settings.channels[0].historyOpsMax = 100;
    kept.collide();
    for (int i = 0; i < 100; ++i) kept.ann.send(set("b", "1"));
    kept.world.crash();
    kept.world.clock.advanceMs(5'000);
    EXPECT_EQ(kept.open().size(), 1U);
    for (int i = 0; i < 3; ++i) kept.pass(100);
    EXPECT_TRUE(kept.open().empty());
}

}  // namespace
}  // namespace syncline::channel
