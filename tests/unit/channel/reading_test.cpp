// SPDX-License-Identifier: Apache-2.0
// The log and the verdicts, for who reads them.
#include "unit/channel/judge.h"

namespace syncline::channel {
namespace {

using tests::base;
using tests::Client;
using tests::increment;
using tests::member;
using tests::merge;
using tests::parsed;
using tests::remove;
using tests::set;
using tests::Strict;
using tests::World;

std::vector<double> seqsOf(const std::string& updates) {
    std::vector<double> seqs;
    const json::Value message = parsed(updates);
    for (const json::Value& update : message.find("updates")->elements())
        seqs.push_back(update.find("seq")->asNumber());
    return seqs;
}

using Seqs = std::vector<double>;

TEST(Log, IsReadFromASeqOnAndSaysWhetherThereIsMore) {
    World world;
    Client ann(world, "ann");
    for (int i = 0; i < 5; ++i) ann.send(set("a", std::to_string(i)));
    ann.send(increment("a", "/bad", 1));  // took no seq
    const std::string some = ann.history(2, 2);
    EXPECT_EQ(member(some, "type"), "updates");
    EXPECT_EQ(member(some, "from"), "2");
    EXPECT_EQ(member(some, "more"), "true");
    EXPECT_EQ(seqsOf(some), (Seqs{2, 3}));
    EXPECT_EQ(seqsOf(ann.history(4, 100)), (Seqs{4, 5}));
    EXPECT_EQ(member(ann.history(4, 100), "more"), "false");
    EXPECT_EQ(seqsOf(ann.history(0, 0)), (Seqs{1})) << "one at least";
    EXPECT_EQ(member(ann.history(6, 10), "updates"), "[]");
    EXPECT_EQ(member(ann.history(9'000'000'000, 10), "more"), "false");
}

TEST(Log, IsReadFromTheStorageWhereMemoryEnds) {
    World world;
    world.settings.logMemoryBytesMax = 1;
    Client ann(world, "ann");
    for (int i = 0; i < 8; ++i) ann.send(set("a", std::to_string(i)));
    const std::string some = ann.history(3, 3);
    EXPECT_EQ(seqsOf(some), (Seqs{3, 4, 5}));
    EXPECT_EQ(member(some, "more"), "true");
    EXPECT_EQ(seqsOf(ann.history(7, 3)), (Seqs{7, 8}));
}

TEST(Log, BeginsWhereItStillReachesTo) {
    World world;
    world.settings.checkpointOpsMax = 10;
    world.settings.channels[0].historyOpsMax = 10;
    world.settings.logMemoryBytesMax = 1;
    Client ann(world, "ann");
    for (int i = 0; i < 400; ++i) ann.send(set("a", std::to_string(i)));
    const std::string some = ann.history(1, 1'000);
    const double from = parsed(some).find("from")->asNumber();
    EXPECT_GT(from, 1);
    EXPECT_EQ(seqsOf(some).front(), from);
    EXPECT_EQ(seqsOf(some).back(), 400);
}

TEST(Log, AMessageOfItIsNoLargerThanAFrame) {
    World world;
    world.settings.catchUpFrameBytesMax = 1'000;
    Client ann(world, "ann");
    const std::string text = '"' + std::string(400, 'x') + '"';
    for (int i = 0; i < 6; ++i) ann.send(set("a", text));
    const std::string some = ann.history(1, 6);
    EXPECT_LT(some.size(), 1'500U);
    EXPECT_EQ(seqsOf(some), (Seqs{1}));
    EXPECT_EQ(member(some, "more"), "true");
}

TEST(Log, AFailingStorageIsAnError) {
    World world;
    world.settings.logMemoryBytesMax = 1;
    Client ann(world, "ann");
    ann.send(set("a", "1"));
    ann.send(set("a", "2"));
    world.storage.failReads = true;
    const std::string failed = ann.history(1, 1);
    EXPECT_EQ(member(failed, "type"), "error");
    EXPECT_EQ(member(failed, "code"), "1003");
}

TEST(Outcomes, AreTheVerdictsThatAResendWouldGet) {
    Strict strict;
    strict.ann.send(set("a", "1"));
    strict.bob.send(set("b", "1"));
    strict.bob.send(set("a", "2", base(0)));
    strict.bob.send(increment("b", "/x", 1));
    strict.bob.send(R"("kind":"void")");
    const std::vector<std::string> bodies = strict.bob.outcomes({4, 1, 2, 3, 9});
    ASSERT_EQ(bodies.size(), 1U);
    EXPECT_EQ(member(bodies[0], "type"), "statuses");
    EXPECT_EQ(member(bodies[0], "high"), "4");
    EXPECT_EQ(member(bodies[0], "more"), "false");
    const json::Value results = parsed(member(bodies[0], "results"));
    ASSERT_EQ(results.size(), 5U);
    EXPECT_EQ(results[0].find("original")->asString(), "void");
    EXPECT_EQ(json::toText(results[1]), strict.bob.send(set("b", "1"), 1));
    EXPECT_EQ(json::toText(results[2]), strict.bob.send(set("a", "2", base(0)), 2));
    EXPECT_EQ(json::toText(results[3]), strict.bob.send(increment("b", "/x", 1), 3));
    EXPECT_EQ(json::toText(results[4]),
              R"({"type":"unknown","channel":"room","n":9,"settled":false})");
}

TEST(Outcomes, SayAppliedMergedConflictRejectedVoidOrUnknown) {
    Strict strict;
    strict.judge.each = [](const TouchedPath& path) {
        const bool kept = path.path == "/kept";
        const bool taken = path.path == "/mine";
        return PathVerdict{kept    ? Verdict::keep
                           : taken ? Verdict::take
                                   : Verdict::conflict,
                           std::nullopt};
    };
    strict.ann.send(set("a", R"({"kept":1,"other":1,"text":"t"})"));
    strict.bob.send(set("b", "1"));
    strict.bob.send(merge("a", R"({"kept":2,"mine":2})", base(0)));
    strict.bob.send(merge("a", R"({"other":2})", base(0)));
    strict.bob.send(increment("a", "/text", 1));
    strict.bob.send(R"("kind":"void")");
    const json::Value results =
        parsed(member(strict.bob.outcomes({1, 2, 3, 4, 5, 6})[0], "results"));
    const auto said = [&](std::size_t at, const char* name) {
        const json::Value* found = results[at].find(name);
        return found == nullptr ? std::string() : std::string(found->asString());
    };
    EXPECT_EQ(said(0, "original"), "applied");
    EXPECT_EQ(said(1, "original"), "merged");
    EXPECT_EQ(said(2, "type"), "conflict");
    EXPECT_EQ(said(3, "type"), "error");
    EXPECT_EQ(said(4, "original"), "void");
    EXPECT_EQ(said(5, "type"), "unknown");
}

TEST(Outcomes, AreKeptUntilDoneAndHighsForTheAgeOfStreamsAnd1213AfterThat) {
    World world;
    world.settings.checkpointOpsMax = 1;
    Client ann(world, "ann");
    Client bob(world, "bob");
    const std::int64_t born = world.clock.wallMs();
    ann.send(set("a", "1"));
    ann.send(set("a", "2"));
    world.clock.advanceMs(world.settings.streamAgeMsMax - 1);
    bob.send(set("b", "1"));
    EXPECT_EQ(member(ann.send(set("a", "1"), 1), "original"), "applied") << "not done yet";
    ann.send(set("a", "3", R"(,"done":2)"));
    EXPECT_EQ(member(ann.send(set("a", "2"), 2), "code"), "1213") << "done";
    world.clock.advanceMs(world.settings.streamAgeMsMax - 1);
    bob.send(set("b", "2"));
    EXPECT_EQ(member(ann.send(set("a", "3"), 3), "original"), "applied") << "used since";
    world.clock.advanceMs(world.settings.streamAgeMsMax + 1);
    bob.send(set("b", "3"));
    bob.send(set("b", "4"));
    const std::string since = R"(,"born":)" + std::to_string(born);
    EXPECT_EQ(member(ann.send(set("a", "4", since), 4), "code"), "1213") << "too old";
}

TEST(Outcomes, OfAnotherClientOrForgottenOrNotCommittedAreUnknown) {
    World world;
    Client ann(world, "ann");
    Client bob(world, "bob");
    ann.send(set("a", "1"));
    ann.send(set("a", "2", R"(,"done":1)"));
    const auto typeOf = [](const std::string& body) {
        return std::string(parsed(member(body, "results"))[0].find("type")->asString());
    };
    EXPECT_EQ(typeOf(bob.outcomes({1})[0]), "unknown");
    EXPECT_EQ(typeOf(ann.outcomes({1})[0]), "unknown");
    EXPECT_EQ(typeOf(ann.outcomes({2})[0]), "ack");
    world.holdCommits = true;
    ann.post(set("a", "3"));
    EXPECT_EQ(typeOf(ann.outcomes({3})[0]), "unknown");
    world.holdCommits = false;
    world.settle();
    EXPECT_EQ(typeOf(ann.outcomes({3})[0]), "ack");
}

TEST(Outcomes, ThatAreLargeComeInSeveralMessages) {
    World world;
    world.settings.catchUpFrameBytesMax = 400;
    Client ann(world, "ann");
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t n = 1; n <= 20; ++n) {
        ann.send(set("a", "1"));
        numbers.push_back(n);
    }
    const std::vector<std::string> bodies = ann.outcomes(numbers);
    ASSERT_GT(bodies.size(), 3U);
    std::size_t results = 0;
    for (const std::string& body : bodies) {
        results += parsed(body).find("results")->size();
        EXPECT_EQ(member(body, "more"), &body == &bodies.back() ? "false" : "true");
    }
    EXPECT_EQ(results, 20U);
}

/// What the op at that seq overwrote.
std::string beforeOf(Client& client, std::uint64_t seq) {
    return member(json::toText((*parsed(client.history(seq, 1, true)).find("updates"))[0]),
                  "before");
}

TEST(Log, TellsWhatEachOpOverwroteIfItIsAsked) {
    World world;
    Client ann(world, "ann");
    ann.send(set("a", R"({"x":1,"list":[{"id":"p"}]})"));
    ann.send(merge("a", R"({"x":2,"in":{"y":1}})"));
    ann.send(increment("a", "/x", 5));
    ann.send(R"("kind":"erase","key":"a","path":"/list","element":"p")");
    ann.send(remove("a"));
    ann.sendBatch(R"("ops":[{"key":"a","kind":"set","value":1},{"key":"b","kind":"set","value":2},)"
                  R"({"key":"a","kind":"set","value":3}])");
    const std::vector<std::string> expected = {
        R"([{"key":"a","values":[{"path":""}]}])",
        R"([{"key":"a","version":1,"values":[{"path":"/x","value":1},{"path":"/in"}]}])",
        R"([{"key":"a","version":2,"values":[{"path":"/x","value":2}]}])",
        R"([{"key":"a","version":3,"values":[{"path":"/list","erased":0,"value":{"id":"p"}}]}])",
        R"([{"key":"a","version":4,"values":[{"path":"","value":{"x":7,"list":[],"in":{"y":1}}}]}])",
        R"([{"key":"a","version":5,"values":[{"path":"","value":1},{"path":""}]},)"
        R"({"key":"b","values":[{"path":""}]}])"};
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_EQ(beforeOf(ann, i + 1), expected[i]) << "seq " << i + 1;
    EXPECT_EQ(ann.history(1, 10).find("before"), std::string::npos) << "who does not ask";
}

TEST(Log, TellsTheSameOfWhatOnlyTheStorageStillHas) {
    World world;
    Client ann(world, "ann");
    ann.send(set("a", R"({"x":1})"));
    ann.send(merge("a", R"({"x":2})"));
    ann.send(set("b", "1"));
    const std::string fromMemory = ann.history(1, 3, true);
    world.crash();
    world.settings.logMemoryBytesMax = 1;
    EXPECT_EQ(ann.history(1, 3, true), fromMemory);
}

TEST(Log, ShowsTheValueThatTheLastToArriveOverwrote) {
    World world;
    Client ann(world, "ann");
    Client bob(world, "bob");
    ann.send(set("a", R"({"x":1})"));
    ann.send(merge("a", R"({"x":"ann's"})", base(1)));
    EXPECT_EQ(member(bob.send(merge("a", R"({"x":"bob's"})", base(1))), "outcome"), "applied");
    EXPECT_EQ(beforeOf(ann, 3),
              R"([{"key":"a","version":2,"values":[{"path":"/x","value":"ann's"}]}])");
}

}  // namespace
}  // namespace syncline::channel
