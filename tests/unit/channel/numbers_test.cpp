// SPDX-License-Identifier: Apache-2.0
// The rules of "Numbers: who gives them, who consumes them".
#include "unit/channel/judge.h"
#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

using tests::base;
using tests::Client;
using tests::increment;
using tests::Listener;
using tests::member;
using tests::merge;
using tests::parsed;
using tests::remove;
using tests::set;
using tests::Strict;
using tests::World;

TEST(Numbers, EveryAppliedOpTakesTheNextSeq) {
    World world;
    Client ann(world, "ann");
    const std::string first = ann.send(set("a", "1"));
    EXPECT_EQ(first, R"({"type":"ack","channel":"room","key":"a","n":1,"seq":1,"version":1,)"
                     R"("outcome":"applied","settled":true})");
    EXPECT_EQ(member(ann.send(set("b", "1")), "seq"), "2") << "of the channel, not of the record";
}

TEST(Numbers, AnAppliedOpThatChangesNothingTakesASeqToo) {
    World world;
    Client ann(world, "ann");
    ann.send(set("a", R"({"x":1,"tags":["t"],"rows":[]})"));
    Listener listener;
    world.topics[0]->add("room", listener, listener.membership);
    ASSERT_TRUE(ann.subscribe()->live);
    const std::string before = ann.value("a");
    std::uint64_t seq = 1;
    for (const std::string& op :
         {set("a", before), merge("a", "{}"), merge("a", R"({"x":1})"),
          merge("a", R"({"gone":null})"), increment("a", "/x", 0), remove("never"), remove("never"),
          std::string(R"("kind":"patch","key":"a","patch":[])"),
          std::string(R"("kind":"add","key":"a","path":"/tags","value":"t")"),
          std::string(R"("kind":"remove","key":"a","path":"/tags","value":"u")"),
          std::string(R"("kind":"erase","key":"a","path":"/rows","element":"r")")}) {
        const std::string reply = ann.send(op);
        EXPECT_EQ(member(reply, "outcome"), "applied") << reply;
        EXPECT_EQ(member(reply, "seq"), std::to_string(++seq)) << op;
        EXPECT_EQ(member(reply, "version"), std::to_string(seq)) << op;
        EXPECT_EQ(ann.value("a"), before) << op;
        EXPECT_EQ(listener.updates.size(), seq - 1) << "everybody is told of " << op;
    }
}

TEST(Numbers, AResendGetsTheStoredVerdictInItsOriginalType) {
    World world;
    Client ann(world, "ann");
    ann.send(set("a", "1"));
    EXPECT_EQ(ann.send(set("a", "1"), 1),
              R"({"type":"ack","channel":"room","key":"a","n":1,"seq":1,"version":1,)"
              R"("outcome":"duplicate","original":"applied","settled":true})");
    const std::string rejected = ann.send(increment("a", "/x", 1));
    EXPECT_EQ(member(rejected, "code"), "1205");
    EXPECT_EQ(member(rejected, "settled"), "true");
    const std::string again = ann.send(increment("a", "/x", 1), 2);
    EXPECT_EQ(member(again, "type"), "error");
    EXPECT_EQ(member(again, "code"), "1205");
    EXPECT_EQ(member(again, "duplicate"), "true");
    EXPECT_EQ(member(again, "settled"), "true");
    EXPECT_EQ(ann.value("a"), "1");
}

TEST(Numbers, AnOpSentAgainWhileItIsInFlightIsAnsweredWithIt) {
    World world;
    Client ann(world, "ann");
    ann.post(increment("a", "", 1));
    ann.post(increment("a", "", 1), 1);
    world.shard().tick();
    ann.post(increment("a", "", 1), 1);
    world.settle();
    EXPECT_EQ(member(ann.replies[0], "outcome"), "applied");
    EXPECT_EQ(member(ann.replies[1], "outcome"), "duplicate");
    EXPECT_EQ(member(ann.replies[2], "outcome"), "duplicate");
    EXPECT_EQ(ann.value("a"), "1");
}

TEST(Numbers, AGapIsUnsettledAndSaysWhatIsExpected) {
    World world;
    Client ann(world, "ann");
    ann.send(set("a", "1"));
    const std::string gap = ann.send(set("a", "2"), 5);
    EXPECT_EQ(member(gap, "code"), "1207");
    EXPECT_EQ(member(gap, "detail"), R"({"expected":2})");
    EXPECT_EQ(member(gap, "settled"), "false");
    EXPECT_EQ(member(ann.send(set("a", "2"), 2), "outcome"), "applied");
}

TEST(Numbers, AnotherBodyUnderAUsedNumberIs1208ButAVoidNeverMismatches) {
    World world;
    Client ann(world, "ann");
    ann.send(set("a", "1"));
    for (const std::string& other : {set("a", "2"), set("b", "1"), merge("a", "1")}) {
        const std::string reply = ann.send(other, 1);
        EXPECT_EQ(member(reply, "code"), "1208");
        EXPECT_EQ(member(reply, "settled"), "false");
        EXPECT_EQ(member(reply, "retry"), "false");
    }
    EXPECT_EQ(member(ann.send(R"("kind":"void")", 1), "original"), "applied");
    EXPECT_EQ(ann.send(R"("kind":"void")", 2),
              R"({"type":"ack","channel":"room","n":2,"outcome":"void","settled":true})");
    EXPECT_EQ(member(ann.send(set("a", "9"), 2), "original"), "void");
    EXPECT_EQ(ann.value("a"), "1");
}

TEST(Numbers, ARefusedVoidNeverMismatchesEither) {
    World world;
    Client ann(world, "ann");
    const core::Error denied = core::Error::of(core::Code::forbidden, "not you");
    ann.send(set("a", "1"));
    const std::string given = ann.refuse(R"("kind":"void")", denied, 1);
    EXPECT_EQ(member(given, "original"), "applied") << "given up too late, and by somebody denied";

    EXPECT_EQ(member(ann.refuse(R"("kind":"void")", denied, 2), "code"), "1303");
    const std::string late = ann.send(set("a", "2"), 2);
    EXPECT_EQ(member(late, "code"), "1303") << "what was given up arrives behind its void";
    EXPECT_EQ(member(late, "duplicate"), "true");
}

TEST(Numbers, EveryOutcomeConsumesOneNumberAndOnlyAppliedAndMergedTakeASeq) {
    Strict strict;
    const auto send = [&strict](const std::string& members) {
        const std::string reply = strict.bob.send(members);
        EXPECT_EQ(member(reply, "n"), std::to_string(strict.bob.lastN)) << reply;
        EXPECT_EQ(member(reply, "settled"), "true") << reply;
        return reply;
    };
    strict.ann.send(set("a", "1"));
    EXPECT_EQ(member(send(set("a", "2", base(0))), "type"), "conflict");
    strict.judge.each = [](const TouchedPath&) { return PathVerdict{Verdict::put, parsed("3")}; };
    const std::string merged = send(set("a", "2", base(0)));
    EXPECT_EQ(member(merged, "outcome"), "merged");
    EXPECT_EQ(member(merged, "seq"), "2") << "none for the conflict";
    strict.judge.each = [](const TouchedPath&) { return PathVerdict{Verdict::refuse}; };
    strict.ann.send(set("a", "4"));
    EXPECT_EQ(member(send(set("a", "5", base(0))), "code"), "1212");
    EXPECT_EQ(member(send(R"("kind":"void")"), "outcome"), "void");
    EXPECT_EQ(member(send(increment("a", "no-pointer", 1)), "code"), "1102");
    EXPECT_EQ(member(send(set("b", "1")), "seq"), "4") << "none for the refusals and the void";
}

TEST(Numbers, AFinalRefusalOfAStageConsumesItsNumber) {
    World world;
    Client ann(world, "ann");
    const core::Error forbidden = core::Error::of(core::Code::forbidden, "not yours");
    const std::string refused = ann.refuse(set("a", "1"), forbidden, 1);
    EXPECT_EQ(member(refused, "code"), "1303");
    EXPECT_EQ(member(refused, "settled"), "true");
    EXPECT_EQ(member(ann.send(set("a", "1"), 1), "code"), "1303") << "the stored outcome";
    EXPECT_EQ(member(ann.send(set("a", "1"), 2), "outcome"), "applied");
    EXPECT_EQ(member(ann.refuse(set("a", "1"), forbidden, 2), "original"), "applied");
}

TEST(Numbers, ARetryableRefusalConsumesNothing) {
    World world;
    Client ann(world, "ann");
    const core::Error busy = core::Error::of(core::Code::busy, "later");
    EXPECT_EQ(member(ann.refuse(set("a", "1"), busy, 1), "settled"), "false");
    EXPECT_EQ(member(ann.send(set("a", "1"), 1), "outcome"), "applied");
}

TEST(Numbers, AnOpThatCannotBeReadButForItsNumberIsSettled) {
    struct Case {
        const char* members;
        const char* code;
        const char* names;
    };
    World world;
    Client ann(world, "ann");
    for (const Case& c : std::initializer_list<Case>{
             {R"("kind":"set","value":1)", "1102", "key"},
             {R"("kind":"set","key":5,"value":1)", "1102", "key"},
             {R"("kind":"set","key":"","value":1)", "1104", "key"},
             {R"("kind":"set","key":"$x","value":1)", "1104", "key"},
             {R"("kind":"set","key":"a")", "1102", "value"},
             {R"("kind":"merge","key":"a")", "1102", "value"},
             {R"("kind":"twist","key":"a")", "1102", "kind"},
             {R"("key":"a")", "1102", "kind"},
             {R"("kind":"increment","key":"a","by":1)", "1102", "path"},
             {R"("kind":"increment","key":"a","path":"x","by":1)", "1102", "path"},
             {R"("kind":"increment","key":"a","path":"/x","by":"1")", "1102", "by"},
             {R"("kind":"delete","key":"a","base":-1)", "1102", "base"},
             {R"("kind":"delete","key":"a","base":"1")", "1102", "base"},
             {R"("kind":"delete","key":"a","after":99)", "1102", "after"},
             {R"("kind":"delete","key":"a","done":1.5)", "1102", "done"},
             {R"("kind":"delete","key":"a","born":-5)", "1102", "born"},
             {R"("kind":"delete","key":"a","epoch":7)", "1102", "epoch"},
         }) {
        const std::string reply = ann.send(c.members);
        EXPECT_EQ(member(reply, "code"), c.code) << c.members;
        EXPECT_EQ(member(reply, "settled"), "true") << c.members;
        EXPECT_EQ(member(reply, "reason").rfind(c.names, 0), 0U) << reply;
        EXPECT_EQ(member(ann.send(c.members, ann.lastN), "duplicate"), "true") << c.members;
    }
}

TEST(Numbers, WithoutANumberNothingIsSettled) {
    World world;
    for (const char* message :
         {R"({"kind":"set","key":"a","value":1})", R"({"kind":"set","key":"a","value":1,"n":0})",
          R"({"kind":"set","key":"a","value":1,"n":"1"})",
          R"({"kind":"set","key":"a","value":1,"n":1.5})"}) {
        std::string reply;
        world.directory().submit(world.shard(), "room", tests::parsed(message),
                                 Author{"u", "c", "o"},
                                 [&](std::string body) { reply = std::move(body); });
        world.settle();
        EXPECT_EQ(member(reply, "code"), "1102");
        EXPECT_EQ(member(reply, "settled"), "false");
        EXPECT_EQ(member(reply, "n"), "");
    }
}

TEST(Numbers, AnOpAfterARefusedOneIsRefusedToo) {
    World world;
    Client ann(world, "ann");
    ann.send(set("a", R"("text")"));
    ann.send(increment("a", "", 1));  // 2: refused
    EXPECT_EQ(member(ann.send(set("b", "1", R"(,"after":2)")), "code"), "1211");
    EXPECT_EQ(member(ann.send(set("b", "1", R"(,"after":1)")), "outcome"), "applied");
    EXPECT_EQ(member(ann.send(set("b", "1", R"(,"after":3)")), "code"), "1211");
}

TEST(Numbers, AnOpAfterOneInFlightBuildsOnItsOutcome) {
    World world;
    Client ann(world, "ann");
    ann.send(set("a", "1"));
    ann.post(set("a", "2"));
    ann.post(set("a", "3", R"(,"after":2)"));
    ann.post(increment("a", "/x", 1));
    ann.post(set("a", "5", R"(,"after":4)"));
    world.settle();
    EXPECT_EQ(member(ann.replies[2], "outcome"), "applied");
    EXPECT_EQ(member(ann.replies[4], "code"), "1211");
    EXPECT_EQ(ann.value("a"), "3");
}

TEST(Numbers, OutcomesAreForgottenWhenDoneButRefusalsStillCount) {
    World world;
    Client ann(world, "ann");
    ann.send(set("a", R"("x")"));
    ann.send(increment("a", "", 1));  // refused
    ann.send(set("a", "3", R"(,"done":2)"));
    const std::string forgotten = ann.send(set("a", R"("x")"), 1);
    EXPECT_EQ(member(forgotten, "code"), "1213");
    EXPECT_EQ(member(forgotten, "settled"), "false");
    EXPECT_EQ(member(ann.send(set("a", "3", R"(,"done":2)"), 3), "outcome"), "duplicate");
    EXPECT_EQ(member(ann.send(set("a", "4", R"(,"after":2)")), "code"), "1211");
    EXPECT_EQ(member(ann.send(set("a", "5", R"(,"after":1)")), "outcome"), "applied");
}

TEST(Numbers, DoneAtSubscribingForgetsToo) {
    World world;
    Client ann(world, "ann");
    ann.send(set("a", "1"));
    ann.done = 1;
    ASSERT_TRUE(ann.subscribe());
    EXPECT_EQ(member(ann.send(set("a", "1"), 1), "code"), "1213");
}

TEST(Numbers, TooManyOutcomesThatAreNotDoneAreBusy) {
    World world;
    world.settings.outcomesMax = 3;
    Client ann(world, "ann");
    for (int i = 0; i < 3; ++i) ann.send(set("a", "1"));
    const std::string reply = ann.send(set("a", "1"), 4);
    EXPECT_EQ(member(reply, "code"), "1404");
    EXPECT_EQ(member(reply, "settled"), "false");
    EXPECT_EQ(member(ann.send(set("a", "1", R"(,"done":3)"), 4), "outcome"), "applied");
}

TEST(Numbers, OutcomesWhoseAnswersAreTooLargeAreBusyUntilTheyAreDone) {
    World world;
    world.settings.outcomesBytesMax = 1'000;
    Client ann(world, "ann");
    ann.send(set("a", "1"));
    const core::Error wordy = core::Error::of(core::Code::forbidden, std::string(1'000, 'x'));
    ann.refuse(set("a", "1"), wordy, 2);
    EXPECT_EQ(member(ann.send(set("a", "1"), 3), "code"), "1404");
    EXPECT_EQ(member(ann.send(set("a", "1", R"(,"done":2)"), 3), "outcome"), "applied");
    EXPECT_EQ(member(ann.send(set("a", "1"), 4), "outcome"), "applied");
}

TEST(Numbers, StreamsOfDifferentUsersClientsAndChannelsAreApart) {
    Strict strict;
    Client elsewhere(strict.world, "ann", "other");
    Client annsPhone(strict.world, "ann");
    annsPhone.author.client = "the-client-id-of-anns-phone";
    Client bobOnAnns(strict.world, "bob");
    bobOnAnns.author.client = strict.ann.author.client;
    std::uint64_t seq = 0;
    for (Client* client : {&strict.ann, &annsPhone, &bobOnAnns, &strict.bob}) {
        const std::string reply = client->send(set("a", "1"));
        EXPECT_EQ(member(reply, "outcome"), "applied") << "each begins with 1: " << reply;
        EXPECT_EQ(member(reply, "seq"), std::to_string(++seq));
    }
    EXPECT_EQ(member(elsewhere.send(set("a", "1")), "seq"), "1");
    for (Client* client : {&strict.ann, &annsPhone, &bobOnAnns})
        EXPECT_EQ(member(client->send(set("a", "2", base(3))), "type"), "conflict")
            << "what another stream wrote is another's";
    EXPECT_EQ(member(strict.bob.send(set("a", "2", base(3))), "outcome"), "applied") << "one's own";
}

TEST(Numbers, TheClientIdIsStoredNowhere) {
    World world;
    world.settings.checkpointOpsMax = 1;
    Client ann(world, "ann");
    ann.send(set("a", "1"));
    for (const StoredEntry& entry : world.storage.log("room"))
        EXPECT_EQ(entry.body.find("secret"), std::string::npos);
    const auto loaded = world.storage.load("room");
    for (const StoredItem& item : loaded->checkpoint->streams)
        EXPECT_EQ((item.name + item.body).find("secret"), std::string::npos);
}

}  // namespace
}  // namespace syncline::channel
