// SPDX-License-Identifier: Apache-2.0
// Streams are forgotten for their age, and what was is never taken for new.
#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

using tests::Client;
using tests::increment;
using tests::member;
using tests::set;
using tests::World;

constexpr std::int64_t kHourMs = 3'600'000;

std::string bornAt(std::int64_t ms) {
    return ",\"born\":" + std::to_string(ms);
}

/// Streams are forgotten with checkpoints, and every commit is worth one.
class Ageing : public testing::Test {
protected:
    Ageing() { world.settings.checkpointOpsMax = 1; }

    void forgetTheOld() {
        bob.send(set("b", "1"));
        bob.send(set("b", "2"));
    }

    World world;
    Client ann{world, "ann"};
    Client bob{world, "bob"};
};

TEST_F(Ageing, AClientThatWasAwayLongerThanItsNumbersAreKeptIs1213) {
    const std::int64_t now = world.clock.wallMs();
    const std::int64_t age = world.settings.streamAgeMsMax;
    const std::string old = ann.send(set("a", "1", bornAt(now - age - 1)), 1);
    EXPECT_EQ(member(old, "code"), "1213");
    EXPECT_EQ(member(old, "settled"), "false");
    EXPECT_EQ(member(ann.send(set("a", "1", bornAt(now - age + 1)), 1), "outcome"), "applied");
    EXPECT_EQ(member(ann.send(set("a", "2", bornAt(now - age - 1)), 2), "outcome"), "applied")
        << "its stream is there";
}

TEST_F(Ageing, ASubscriptionOfSuchAClientIs1213Too) {
    ann.bornMs = world.clock.wallMs() - world.settings.streamAgeMsMax - 1;
    const core::Result<CatchUp> old = ann.subscribe();
    ASSERT_FALSE(old);
    EXPECT_EQ(old.error().code, core::Code::clientUnknown);
    ann.bornMs += 2;
    EXPECT_TRUE(ann.subscribe());
    ann.send(set("a", "1"));
    ann.bornMs -= 2;
    EXPECT_TRUE(ann.subscribe()) << "its stream is there";
}

TEST_F(Ageing, StreamsAreForgottenAfterTheirAge) {
    ann.send(set("a", "1"));
    world.clock.advanceMs(world.settings.streamAgeMsMax + 1);
    bob.send(set("a", "2"));
    bob.send(set("a", "3"));
    EXPECT_EQ(member(ann.send(set("a", "4")), "detail"), R"({"expected":1})");
    // And after a crash, whatever the checkpoint still had.
    EXPECT_EQ(member(ann.send(set("a", "4"), 1), "outcome"), "applied");
    world.crash();
    EXPECT_EQ(member(ann.send(set("a", "5"), 2), "outcome"), "applied");
}

TEST_F(Ageing, WhatWasForgottenStaysForgottenWhenTheClockGoesBack) {
    const std::string born = bornAt(world.clock.wallMs());
    ann.send(increment("a", "", 1, born));
    world.clock.advanceMs(world.settings.streamAgeMsMax + 1);
    bob.send(set("b", "2"));
    bob.send(set("b", "3"));
    world.clock.advanceMs(-world.settings.streamAgeMsMax);
    EXPECT_EQ(member(ann.send(increment("a", "", 1, born), 1), "code"), "1213");
    bob.send(set("b", "4"));
    world.crash();
    EXPECT_EQ(member(ann.send(increment("a", "", 1, born), 1), "code"), "1213");
    EXPECT_EQ(ann.value("a"), "1") << "once";
}

TEST_F(Ageing, AClockThatWasWrongOnceShutsNobodyOut) {
    ann.send(set("a", "1"));
    const std::int64_t yearsMs = 10 * 365 * 24 * kHourMs;
    world.clock.advanceMs(yearsMs);
    bob.send(set("b", "2"));
    bob.send(set("b", "3"));
    world.clock.advanceMs(60'000 - yearsMs);
    Client cid(world, "cid");
    const std::string born = bornAt(world.clock.wallMs());
    EXPECT_EQ(member(cid.send(set("c", "1", born)), "outcome"), "applied");
}

TEST_F(Ageing, WhoIsBornAheadOfTheClockIsKnownForItsWholeAgeAndAsForgottenBehindIt) {
    const std::string op = increment("a", "", 1, bornAt(world.clock.wallMs()));
    world.clock.advanceMs(-kHourMs);
    EXPECT_EQ(member(ann.send(op), "outcome"), "applied");
    world.clock.advanceMs(world.settings.streamAgeMsMax + 1);
    forgetTheOld();
    EXPECT_EQ(member(ann.send(op, 1), "outcome"), "duplicate") << "not as old as its age";
    world.clock.advanceMs(kHourMs);
    forgetTheOld();
    EXPECT_EQ(member(ann.send(op, 1), "code"), "1213");
    EXPECT_EQ(ann.value("a"), "1") << "once";
}

TEST_F(Ageing, ARefusalTakesNoNumberOfAForgottenClientEither) {
    const std::string born = bornAt(world.clock.wallMs());
    const core::Error forbidden = core::Error::of(core::Code::forbidden, "not here");
    ann.send(increment("a", "", 1, born));
    ann.send(increment("a", "", 1, born));
    world.clock.advanceMs(world.settings.streamAgeMsMax + 1);
    forgetTheOld();
    EXPECT_EQ(member(ann.refuse(increment("a", "", 1, born), forbidden, 1), "code"), "1213");
    EXPECT_EQ(member(ann.send(R"("kind":"dance","key":"a")" + born, 1), "code"), "1213");
    EXPECT_EQ(member(ann.sendBatch(R"("ops":[])" + born, 1), "code"), "1213");
    EXPECT_EQ(member(ann.resolve(R"("key":7)" + born, 1), "code"), "1213");
    EXPECT_EQ(member(ann.send(increment("a", "", 1, born), 2), "code"), "1213");
    EXPECT_EQ(ann.value("a"), "2") << "once each";
}

TEST_F(Ageing, WhatARefusalStartsIsKnownByWhenItsClientWasBorn) {
    const std::string born = bornAt(world.clock.wallMs());
    world.clock.advanceMs(-kHourMs);
    ann.refuse(increment("a", "", 1, born), core::Error::of(core::Code::forbidden, "not here"), 1);
    ann.send(increment("a", "", 1, born), 2);
    world.clock.advanceMs(world.settings.streamAgeMsMax + kHourMs + 1);
    forgetTheOld();
    world.clock.advanceMs(-2 * kHourMs);
    EXPECT_EQ(member(ann.send(increment("a", "", 1, born), 1), "code"), "1213");
    EXPECT_EQ(ann.value("a"), "1") << "once";
}

TEST_F(Ageing, WhoIsForgottenWhileTheLogIsReadForItIs1213) {
    world.settings.logMemoryBytesMax = 1;
    world.settings.checkpointOpsMax = 10'000;
    ann.bornMs = world.clock.wallMs();
    ann.send(set("a", "1", bornAt(ann.bornMs)));
    const Cursor cursor = ann.subscribe()->reached;
    for (int i = 0; i < 10; ++i) bob.send(set("b", "1"));
    std::optional<core::Result<CatchUp>> answer;
    world.holdCommits = true;
    world.directory().subscribe(
        world.shard(), {"room", cursor, ann.author, 1, ann.bornMs, 1U << 20},
        [&answer](core::Result<CatchUp> given) { answer = std::move(given); });
    world.settle();
    EXPECT_FALSE(answer) << "the log is read";
    world.clock.advanceMs(world.settings.streamAgeMsMax + 1);
    world.directory().compact();
    world.holdCommits = false;
    world.settle();
    ASSERT_TRUE(answer);
    ASSERT_FALSE(*answer);
    EXPECT_EQ(answer->error().code, core::Code::clientUnknown);
}

class AgeingOverACrash : public Ageing, public testing::WithParamInterface<std::size_t> {};

TEST_P(AgeingOverACrash, WhenAClientIsBornOutlivesItWithAndWithoutACheckpoint) {
    world.settings.checkpointOpsMax = GetParam();
    const std::string op = increment("a", "", 1, bornAt(world.clock.wallMs()));
    world.clock.advanceMs(-kHourMs);
    ann.send(op);
    world.crash();
    world.settings.checkpointOpsMax = 1;
    world.clock.advanceMs(world.settings.streamAgeMsMax + kHourMs + 1);
    forgetTheOld();
    world.clock.advanceMs(-2 * kHourMs);
    EXPECT_EQ(member(ann.send(op, 1), "code"), "1213");
    EXPECT_EQ(ann.value("a"), "1") << "once";
}

INSTANTIATE_TEST_SUITE_P(Checkpoints, AgeingOverACrash, testing::Values(1, 10'000));

TEST_F(Ageing, AClientThatIsNewWhileTheClockIsBehindWhatWasForgottenIsToldFromWhenOnItIsKnown) {
    Client cid(world, "cid");
    const std::int64_t forgotten = world.clock.wallMs();
    ann.send(set("a", "1"));
    world.clock.advanceMs(world.settings.streamAgeMsMax + 1);
    forgetTheOld();
    world.clock.advanceMs(-world.settings.streamAgeMsMax - kHourMs);
    const std::string refused = cid.send(set("c", "1", bornAt(world.clock.wallMs())), 1);
    EXPECT_EQ(member(refused, "code"), "1213");
    EXPECT_EQ(member(refused, "detail"), "{\"born\":" + std::to_string(forgotten + 1) + "}");
    cid.bornMs = world.clock.wallMs();
    EXPECT_EQ(cid.subscribe().error().detail, member(refused, "detail")) << "or it subscribes";

    Client anew(world, "cid anew");
    anew.bornMs = forgotten + 1;
    EXPECT_TRUE(anew.subscribe());
    const std::string op = set("c", "1", bornAt(anew.bornMs));
    EXPECT_EQ(member(anew.send(op, 1), "outcome"), "applied");
    world.clock.advanceMs(world.settings.streamAgeMsMax + kHourMs + 1);
    forgetTheOld();
    EXPECT_EQ(member(anew.send(op, 1), "code"), "1213");
}

TEST_F(Ageing, WhoSaysToBeBornMoreThanAnAgeAheadIs1213AndKeepsNoStream) {
    const std::int64_t now = world.clock.wallMs();
    const std::int64_t age = world.settings.streamAgeMsMax;
    const std::string refused = ann.send(set("a", "1", bornAt(now + age + 1)), 1);
    EXPECT_EQ(member(refused, "code"), "1213");
    EXPECT_EQ(member(refused, "settled"), "false");
    EXPECT_EQ(member(refused, "detail"), "{\"born\":" + std::to_string(now) + "}");
    EXPECT_EQ(member(ann.send(set("a", "1", bornAt(now + age)), 1), "outcome"), "applied");
    EXPECT_EQ(member(ann.send(set("a", "1", bornAt(now + age + 1)), 2), "outcome"), "applied")
        << "its stream is there";
}

}  // namespace
}  // namespace syncline::channel
