// SPDX-License-Identifier: Apache-2.0
// Atomic batches: one number, one seq, one outcome, one update.
#include "channel/entry_codec.h"
#include "unit/channel/judge.h"

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

std::string ops(std::initializer_list<std::string> changes, const std::string& more = {}) {
    std::string all;
    for (const std::string& change : changes) all += (all.empty() ? "{" : ",{") + change + "}";
    return R"("ops":[)" + all + "]" + more;
}

TEST(Batch, TakesOneNumberOneSeqAndIsOneUpdate) {
    World world;
    Client ann(world, "ann");
    Listener listener;
    world.topics[0]->add("room", listener, listener.membership);
    ASSERT_TRUE(ann.subscribe()->live);
    const std::string reply = ann.sendBatch(
        ops({set("a", "1"), set("b", R"({"x":1})"), increment("b", "/x", 2), remove("a")}));
    EXPECT_EQ(reply, R"({"type":"ack","channel":"room","n":1,"seq":1,"version":1,)"
                     R"("outcome":"applied","settled":true})");
    ASSERT_EQ(listener.updates.size(), 1U);
    const std::string& update = listener.updates.front();
    EXPECT_EQ(member(update, "seq"), "1");
    EXPECT_EQ(member(update, "n"), "1");
    EXPECT_EQ(member(update, "key"), "");
    EXPECT_EQ(member(update, "ops"),
              R"([{"key":"a","version":1,"kind":"set","value":1},)"
              R"({"key":"b","version":1,"kind":"set","value":{"x":1}},)"
              R"({"key":"b","version":1,"kind":"increment","path":"/x","by":2},)"
              R"({"key":"a","version":1,"kind":"delete","deleted":true}])");
    EXPECT_EQ(ann.value("a"), "");
    EXPECT_EQ(ann.value("b"), R"({"x":3})");
    EXPECT_EQ(member(ann.send(set("c", "1")), "seq"), "2");
}

TEST(Batch, IsAllOrNothing) {
    struct Case {
        std::string ops;
        const char* code;
        const char* pointer;
    };
    World world;
    world.settings.recordBytesMax = 500;
    world.settings.batchBytesMax = 900;
    world.settings.batchOpsMax = 4;
    Client ann(world, "ann");
    ann.send(set("t", R"("text")"));
    const std::string wide = '"' + std::string(400, 'x') + '"';
    for (const Case& c : std::vector<Case>{
             {ops({set("a", "1"), increment("t", "", 1)}), "1205", "/ops/1"},
             {ops({set("a", "1"), R"("kind":"patch","key":"t","patch":[{"op":"remove"}])"}), "1102",
              "/ops/1/patch/0"},
             {ops({set("a", "1"), R"("kind":"set","key":"b")"}), "1102", "/ops/1/value"},
             {ops({R"("kind":"void")"}), "1102", "/ops/0/kind"},
             {ops({set("a", "1", R"(,"n":7)")}), "1102", "/ops/0/n"},
             {ops({set("$a", "1")}), "1104", "/ops/0"},
             {ops({}), "1102", "/ops"},
             {R"("ops":7)", "1102", "/ops"},
             {R"("ops":[7])", "1102", "/ops/0/kind"},
             {ops({remove("a"), remove("b"), remove("c"), remove("d"), remove("e")}), "1203",
              "/ops"},
             {ops({set("a", "1"), set("a", '"' + std::string(600, 'x') + '"')}), "1203", "/ops/1"},
             {ops({set("a", wide), set("b", wide), set("c", wide)}), "1203", "/ops/2"},
             {ops({set("a", "1")}, R"(,"done":-1)"), "1102", "/done"},
             {ops({set("a", "1")}, R"(,"after":1,"after2":0)"), "", ""},
         }) {
        const std::string reply = ann.sendBatch(c.ops);
        if (*c.code == '\0') {
            EXPECT_EQ(member(reply, "outcome"), "applied") << reply;
            continue;
        }
        EXPECT_EQ(member(reply, "code"), c.code) << reply;
        EXPECT_EQ(member(reply, "settled"), "true") << reply;
        EXPECT_EQ(member(member(reply, "detail"), "pointer"), c.pointer) << reply;
        EXPECT_EQ(member(ann.sendBatch(c.ops, ann.lastN), "duplicate"), "true") << reply;
        EXPECT_EQ(ann.value("a"), "") << reply;
        EXPECT_EQ(ann.value("b"), "") << reply;
    }
    EXPECT_EQ(member(ann.sendBatch(ops({set("a", "2")}, R"(,"after":2)")), "code"), "1211");
    EXPECT_EQ(ann.value("a"), "1");
    EXPECT_EQ(member(ann.send(set("z", "1")), "seq"), "3") << "nothing else took one";
}

TEST(Batch, ThatIsTakenBackLeavesWhatIsInFlightAsItWas) {
    World world;
    world.settings.channelRecordsMax = 2;
    Client ann(world, "ann");
    ann.post(set("a", R"({"x":1})"));
    ann.postBatch(ops({merge("a", R"({"x":2})"), set("new", "1"), increment("a", "/x/y", 1)}));
    ann.post(increment("a", "/x", 1));
    world.settle();
    EXPECT_EQ(member(ann.replies[1], "code"), "1205");
    EXPECT_EQ(ann.value("a"), R"({"x":2})");
    EXPECT_EQ(ann.value("new"), "");
    EXPECT_EQ(member(ann.send(set("b", "1")), "outcome"), "applied")
        << "what was taken back does not count as a record";
    world.crash();
    EXPECT_EQ(ann.value("a"), R"({"x":2})");
}

TEST(Batch, AResendGetsTheStoredVerdictAndAnotherBodyIs1208) {
    World world;
    Client ann(world, "ann");
    const std::string first = ops({set("a", "1"), increment("n", "", 5)});
    ann.sendBatch(first);
    for (int round = 0; round < 2; ++round) {
        const std::string again = ann.sendBatch(first, 1);
        EXPECT_EQ(member(again, "outcome"), "duplicate");
        EXPECT_EQ(member(again, "original"), "applied");
        for (const std::string& other :
             {ops({set("a", "1")}), ops({increment("n", "", 5), set("a", "1")}),
              ops({set("a", "1"), increment("n", "", 6)})})
            EXPECT_EQ(member(ann.sendBatch(other, 1), "code"), "1208");
        EXPECT_EQ(member(ann.send(set("a", "1"), 1), "code"), "1208");
        EXPECT_EQ(member(ann.send(R"("kind":"void")", 1), "original"), "applied");
        world.crash();
    }
    EXPECT_EQ(ann.value("n"), "5");
    ann.send(set("a", "2"));
    EXPECT_EQ(member(ann.sendBatch(ops({set("a", "2")}), 2), "code"), "1208")
        << "a batch of one is not the op alone";
}

TEST(Batch, OneConflictMakesTheWholeSoAndIsNamed) {
    Strict strict;
    strict.ann.send(set("a", "1"));
    strict.ann.send(set("b", "1"));
    const std::string reply =
        strict.bob.sendBatch(ops({set("c", "1"), set("b", "2", base(1)), set("a", "2", base(0))}));
    EXPECT_EQ(member(reply, "type"), "conflict");
    EXPECT_EQ(member(reply, "op"), "1");
    EXPECT_EQ(member(reply, "key"), "b");
    EXPECT_EQ(member(reply, "mine"), "2");
    EXPECT_EQ(member(reply, "theirs"), "1");
    EXPECT_EQ(member(reply, "n"), "1");
    EXPECT_EQ(strict.bob.value("c"), "");
    EXPECT_EQ(member(strict.bob.sendBatch(
                         ops({set("c", "1"), set("b", "2", base(1)), set("a", "2", base(0))}), 1),
                     "duplicate"),
              "true");
}

TEST(Batch, WhatIsMergedIsToldPerRecord) {
    Strict strict(Verdict::keep);
    strict.ann.send(set("a", "1"));
    const std::string reply =
        strict.bob.sendBatch(ops({set("b", "5"), set("a", "2", base(0)), remove("z")}));
    EXPECT_EQ(member(reply, "outcome"), "merged");
    EXPECT_EQ(member(reply, "records"), R"([{"key":"a","version":2,"value":1}])");
    EXPECT_EQ(strict.bob.value("a"), "1");
    EXPECT_EQ(strict.bob.value("b"), "5");
}

TEST(Batch, DoesNotMeetItself) {
    Strict strict(Verdict::conflict, true);
    strict.judge.each = [](const TouchedPath&) { return PathVerdict{Verdict::take, {}}; };
    strict.ann.send(set("a", "1"));
    const std::string reply = strict.ann.sendBatch(
        ops({set("a", "2", base(1)), set("a", "3", base(1)), set("b", "1", base(0))}));
    EXPECT_EQ(member(reply, "outcome"), "applied");
    EXPECT_TRUE(strict.judge.baseKnown);
    EXPECT_EQ(strict.ann.value("a"), "3");
}

TEST(Batch, ARetryableFailureConsumesNothing) {
    Strict strict;
    strict.ann.send(set("a", "1"));
    strict.judge.error = core::Error::of(core::Code::pluginFailed, "it hangs");
    const std::string failed = strict.bob.sendBatch(ops({set("b", "1"), set("a", "2", base(0))}));
    EXPECT_EQ(member(failed, "settled"), "false");
    EXPECT_EQ(strict.bob.value("b"), "");
    strict.judge.error.reset();
    EXPECT_EQ(member(strict.bob.sendBatch(ops({set("b", "1")}), 1), "outcome"), "applied");
}

TEST(Batch, AValueOverwrittenByOneIsRebuiltForABase) {
    Strict strict;
    strict.ann.send(set("a", R"({"x":1})"));
    strict.ann.sendBatch(ops({merge("a", R"({"x":2})"), set("b", "1"), merge("a", R"({"y":3})"),
                              merge("a", R"({"x":4})")}));
    const std::string conflict = strict.bob.send(merge("a", R"({"x":9})", base(1)));
    EXPECT_EQ(member(conflict, "base"), R"({"x":1})");
    EXPECT_EQ(member(conflict, "theirs"), R"({"x":4,"y":3})");
}

TEST(Batch, IsCaughtUpWithAsATailAndAsASnapshotAfterACrash) {
    World world;
    Client ann(world, "ann");
    Client bob(world, "bob");
    ann.send(set("a", "1"));
    const Cursor cursor = bob.subscribe()->reached;
    ann.sendBatch(ops({set("a", "2"), set("b", "2"), remove("a")}));
    for (int round = 0; round < 2; ++round) {
        const core::Result<CatchUp> tail = bob.subscribe(cursor);
        ASSERT_TRUE(tail);
        EXPECT_EQ(member(tail->subscribed, "mode"), "tail");
        const std::string updates = tests::unframed(*tail->frames.at(0)).at(0);
        EXPECT_EQ((*parsed(updates).find("updates"))[0].find("ops")->size(), 3U);
        EXPECT_EQ(bob.value("a"), "");
        EXPECT_EQ(bob.value("b"), "2");
        world.crash();
    }
    // A checkpoint: the same without the log.
    bool drained = false;
    world.directory().drain([&] { drained = true; });
    world.settle();
    ASSERT_TRUE(drained);
    world.crash();
    EXPECT_EQ(bob.value("a"), "");
    EXPECT_EQ(bob.value("b"), "2");
    EXPECT_EQ(member(ann.sendBatch(ops({set("a", "2"), set("b", "2"), remove("a")}), 2), "outcome"),
              "duplicate");
}

TEST(Batch, ARecordThatItDeletesAndMakesAgainIsNoTombstone) {
    World world;
    world.settings.checkpointOpsMax = 1;
    world.settings.channels[0].historyOpsMax = 1;
    Client ann(world, "ann");
    ann.send(set("a", "1"));
    ann.sendBatch(ops({remove("a"), set("a", "2")}));
    for (int i = 0; i < 300; ++i) ann.send(set("b", std::to_string(i)));
    EXPECT_EQ(ann.value("a"), "2");
    world.crash();
    EXPECT_EQ(ann.value("a"), "2");
}

TEST(Batch, AFinalRefusalOfAStageConsumesItsNumberAndARetryableOneDoesNot) {
    World world;
    Client ann(world, "ann");
    const auto refuse = [&](const core::Error& error, std::uint64_t n) {
        std::string reply;
        world.directory().refuseBatch(
            world.shard(), "room",
            parsed("{\"n\":" + std::to_string(n) + "," + ops({set("a", "1")}) + "}"), ann.author,
            error, [&](std::string body) { reply = std::move(body); });
        world.settle();
        return reply;
    };
    EXPECT_EQ(member(refuse(core::Error::of(core::Code::busy, "later"), 1), "settled"), "false");
    EXPECT_EQ(member(refuse(core::Error::of(core::Code::forbidden, "no"), 1), "settled"), "true");
    EXPECT_EQ(member(ann.sendBatch(ops({set("a", "1")}), 1), "code"), "1303");
    EXPECT_EQ(ann.value("a"), "");
}

TEST(EntryCodec, GivesBackABatch) {
    Entry entry;
    entry.index = 3;
    entry.seq = 2;
    entry.isBatch = true;
    entry.sum = 99;
    entry.verdict = {Outcome::merged, 7, 2, "", R"("records":[])"};
    entry.effects.push_back({"a", OpKind::set, R"("value":1)", 1, "undo", std::nullopt});
    entry.effects.push_back({"b", OpKind::erase, R"("path":"/l","element":"x")", 0, "",
                             std::vector<std::string>{"/l"}});
    StoredEntry stored{3, 2, 0, {}};
    encodeEntry(entry, stored.body);
    const core::Result<Entry> back = decodeEntry(stored);
    ASSERT_TRUE(back);
    StoredEntry again{3, 2, 0, {}};
    encodeEntry(*back, again.body);
    EXPECT_EQ(stored.body, again.body);
    EXPECT_TRUE(back->isBatch);
    ASSERT_EQ(back->effects.size(), 2U);
    EXPECT_EQ(back->effects[1].key, "b");
    EXPECT_EQ(back->effects[1].marks, entry.effects[1].marks);
    EXPECT_EQ(chainSum(*back, 5), chainSum(entry, 5));
    Entry single = entry;
    single.effects.pop_back();
    Entry alone = single;
    alone.isBatch = false;
    EXPECT_NE(chainSum(single, 5), chainSum(alone, 5));
    for (std::size_t size = 0; size < stored.body.size(); ++size) {
        StoredEntry cut = stored;
        cut.body.resize(size);
        EXPECT_FALSE(decodeEntry(cut)) << size;
    }
}

}  // namespace
}  // namespace syncline::channel
