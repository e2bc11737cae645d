// SPDX-License-Identifier: Apache-2.0
// The rules of "Catch-up": what a subscriber is told it lacks.
#include <algorithm>
#include <functional>
#include <map>

#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

using tests::Client;
using tests::Listener;
using tests::member;
using tests::parsed;
using tests::set;
using tests::World;

/// All messages of the frames.
std::vector<std::string> texts(const CatchUp& catchUp) {
    std::vector<std::string> all;
    for (const core::SharedBytes& frame : catchUp.frames)
        for (std::string& text : tests::unframed(*frame)) all.push_back(std::move(text));
    return all;
}

std::vector<std::string> types(const CatchUp& catchUp) {
    std::vector<std::string> all;
    for (const std::string& text : texts(catchUp)) all.push_back(member(text, "type"));
    return all;
}

/// The seqs of the updates in it.
std::vector<int> seqs(const CatchUp& catchUp) {
    std::vector<int> all;
    for (const std::string& text : texts(catchUp)) {
        const json::Value message = parsed(text);
        const json::Value* updates = message.find("updates");
        if (updates == nullptr) continue;
        for (const json::Value& update : updates->elements())
            all.push_back(static_cast<int>(update.find("seq")->asNumber()));
    }
    return all;
}

std::vector<int> range(int first, int last) {
    std::vector<int> all;
    for (int seq = first; seq <= last; ++seq) all.push_back(seq);
    return all;
}

using Types = std::vector<std::string>;

/// A channel with `count` ops by ann, and the cursor after each of them.
struct Filled {
    explicit Filled(int count, std::function<void(World&)> prepare = {}) {
        if (prepare) prepare(world);
        cursors.push_back(ann.subscribe()->reached);
        for (int i = 1; i <= count; ++i) {
            ann.send(set("k" + std::to_string(i % 7), std::to_string(i)));
            cursors.push_back(bob.subscribe()->reached);
        }
    }

    World world;
    Client ann{world, "ann"};
    Client bob{world, "bob"};
    std::vector<Cursor> cursors;
};

TEST(CatchUp, WithoutACursorIsASnapshotAndThenLive) {
    Filled filled(10);
    const core::Result<CatchUp> caught = filled.ann.subscribe();
    ASSERT_TRUE(caught);
    EXPECT_EQ(caught->subscribed, R"({"type":"subscribed","channel":"room","epoch":")" +
                                      filled.cursors[0].epoch +
                                      R"(","seq":10,"mode":"snapshot","high":10})");
    EXPECT_EQ(types(*caught), (Types{"snapshot", "live"}));
    EXPECT_TRUE(caught->live);
    const std::string snapshot = texts(*caught)[0];
    EXPECT_EQ(member(snapshot, "seq"), "10");
    EXPECT_EQ(member(snapshot, "high"), "10");
    EXPECT_EQ(member(snapshot, "more"), "false");
    EXPECT_EQ(parsed(snapshot).find("records")->size(), 7U);
    EXPECT_EQ(member(texts(*caught)[1], "seq"), "10");
    EXPECT_EQ(member(texts(*caught)[1], "sum"), caught->reached.sum);
}

TEST(CatchUp, FromEveryPointOfTheLogIsExactlyWhatIsMissing) {
    Filled filled(10);
    for (int from = 0; from <= 10; ++from) {
        const core::Result<CatchUp> caught =
            filled.bob.subscribe(filled.cursors[static_cast<std::size_t>(from)]);
        EXPECT_EQ(member(caught->subscribed, "mode"), "tail");
        EXPECT_EQ(member(caught->subscribed, "high"), "0");
        EXPECT_EQ(seqs(*caught), range(from + 1, 10));
        EXPECT_TRUE(caught->live);
        EXPECT_EQ(caught->reached.seq, 10U);
        EXPECT_EQ(types(*caught), from == 10 ? Types{"live"} : (Types{"updates", "live"}));
    }
}

TEST(CatchUp, ACursorThatIsNoPointOfThisHistoryIsAheadWithASnapshot) {
    Filled filled(10);
    for (const std::size_t seq : {0, 5, 10}) {
        Cursor wrong = filled.cursors[seq];
        wrong.sum = "0123456789abcdef";
        const core::Result<CatchUp> caught = filled.bob.subscribe(wrong);
        EXPECT_EQ(member(caught->subscribed, "mode"), "ahead") << seq;
        EXPECT_EQ(types(*caught), (Types{"snapshot", "live"}));
    }
    Cursor beyond = filled.cursors[10];
    beyond.seq = 11;
    EXPECT_EQ(member(filled.bob.subscribe(beyond)->subscribed, "mode"), "ahead");
    Cursor unchecked = filled.cursors[5];
    unchecked.sum.clear();
    EXPECT_EQ(seqs(*filled.bob.subscribe(unchecked)), range(6, 10));
}

TEST(CatchUp, ACursorOfAnotherEpochIsReset) {
    Filled filled(3);
    Cursor other = filled.cursors[2];
    other.epoch = "ffffffffffffffff";
    const core::Result<CatchUp> caught = filled.bob.subscribe(other);
    EXPECT_EQ(member(caught->subscribed, "mode"), "reset");
    EXPECT_EQ(types(*caught), (Types{"snapshot", "live"}));
}

TEST(CatchUp, ACursorBehindTheHistoryGetsASnapshot) {
    Filled filled(30, [](World& world) {
        world.settings.channels[0].historyOpsMax = 10;
        world.settings.checkpointOpsMax = 5;
    });
    EXPECT_EQ(member(filled.bob.subscribe(filled.cursors[19])->subscribed, "mode"), "snapshot");
    const core::Result<CatchUp> inside = filled.bob.subscribe(filled.cursors[20]);
    EXPECT_EQ(member(inside->subscribed, "mode"), "tail");
    EXPECT_EQ(seqs(*inside), range(21, 30));
}

TEST(CatchUp, WhatIsNotInMemoryIsReadFromTheLog) {
    Filled filled(30, [](World& world) { world.settings.logMemoryBytesMax = 1'000; });
    std::optional<Cursor> cursor = filled.cursors[4];
    std::vector<int> got;
    bool live = false;
    for (int round = 0; round < 10 && !live; ++round) {
        const core::Result<CatchUp> caught = filled.bob.subscribe(cursor);
        ASSERT_TRUE(caught);
        EXPECT_EQ(member(caught->subscribed, "mode"), "tail");
        for (const int seq : seqs(*caught)) got.push_back(seq);
        cursor = caught->reached;
        live = caught->live;
    }
    EXPECT_TRUE(live);
    EXPECT_EQ(got, range(5, 30));
    EXPECT_GE(filled.world.storage.logReads, 1U);

    Cursor wrong = filled.cursors[4];
    wrong.sum = "0123456789abcdef";
    EXPECT_EQ(member(filled.bob.subscribe(wrong)->subscribed, "mode"), "ahead");
    filled.world.storage.log("room").erase(filled.world.storage.log("room").begin(),
                                           filled.world.storage.log("room").begin() + 6);
    EXPECT_EQ(member(filled.bob.subscribe(filled.cursors[4])->subscribed, "mode"), "snapshot");
}

TEST(CatchUp, GivesAsMuchAsThereIsRoomForAndIsLiveOnlyAtTheEnd) {
    Filled filled(30, [](World& world) { world.settings.catchUpFrameBytesMax = 400; });
    std::optional<Cursor> cursor = filled.cursors[3];
    std::vector<int> got;
    int rounds = 0;
    bool live = false;
    while (!live && ++rounds < 50) {
        const core::Result<CatchUp> caught = filled.bob.subscribe(cursor, 1'000);
        const Types all = types(*caught);
        for (const int seq : seqs(*caught)) got.push_back(seq);
        cursor = caught->reached;
        live = caught->live;
        EXPECT_EQ(static_cast<bool>(std::ranges::count(all, "live")), live);
        std::string more;
        for (const std::string& text : texts(*caught))
            if (member(text, "type") == "updates") more = member(text, "more");
        EXPECT_EQ(more, live ? "false" : "true");
    }
    EXPECT_GT(rounds, 3);
    EXPECT_EQ(got, range(4, 30));
    // Even without any room at all there is progress.
    EXPECT_EQ(seqs(*filled.bob.subscribe(filled.cursors[3], 0)), range(4, 4));
}

TEST(CatchUp, ASnapshotIsWholeWhateverTheRoomAndLiveOnlyIfItFits) {
    Filled filled(30, [](World& world) { world.settings.catchUpFrameBytesMax = 60; });
    const core::Result<CatchUp> caught = filled.ann.subscribe(std::nullopt, 100);
    EXPECT_FALSE(caught->live);
    EXPECT_GT(caught->frames.size(), 2U);
    std::map<std::string, std::string> records;
    for (const std::string& text : texts(*caught)) {
        const bool last = text == texts(*caught).back();
        EXPECT_EQ(member(text, "more"), last ? "false" : "true");
        EXPECT_EQ(member(text, "high"), last ? "30" : "");
        const json::Value message = parsed(text);
        for (const json::Value& record : message.find("records")->elements())
            records[std::string(record.find("key")->asString())] =
                json::toText(*record.find("value"));
    }
    EXPECT_EQ(records.size(), 7U);
    EXPECT_EQ(records["k2"], "30");
    const core::Result<CatchUp> next = filled.ann.subscribe(caught->reached, 100);
    EXPECT_TRUE(next->live);
    EXPECT_EQ(types(*next), (Types{"live"}));
}

TEST(CatchUp, JoinersShareOneEncodedSnapshotWhileNothingChanges) {
    Filled filled(30, [](World& world) { world.settings.catchUpFrameBytesMax = 60; });
    const core::Result<CatchUp> one = filled.ann.subscribe();
    const core::Result<CatchUp> two = filled.bob.subscribe();
    EXPECT_EQ(one->frames[0].get(), two->frames[0].get());
    filled.ann.send(set("k1", "31"));
    EXPECT_NE(filled.bob.subscribe()->frames[0].get(), one->frames[0].get());
}

TEST(CatchUp, LiveContinuesExactlyWhereTheFramesEnd) {
    Filled filled(5);
    Listener listener;
    const core::Result<CatchUp> caught = filled.bob.subscribe(filled.cursors[3]);
    ASSERT_TRUE(caught->live);
    filled.world.topics[0]->add("room", listener, listener.membership);
    filled.ann.send(set("a", "1"));
    EXPECT_EQ(seqs(*caught), range(4, 5));
    ASSERT_EQ(listener.updates.size(), 1U);
    EXPECT_EQ(member(listener.updates[0], "seq"), "6");
}

TEST(CatchUp, AfterTheLastSubscriberLeftNothingIsPublished) {
    World world;
    Client ann(world, "ann");
    Listener listener;
    ASSERT_TRUE(ann.subscribe()->live);
    world.topics[0]->add("room", listener, listener.membership);
    ann.send(set("a", "1"));
    world.directory().leave(world.shard(), "room");
    world.directory().leave(world.shard(), "room");  // harmless
    ann.send(set("a", "2"));
    EXPECT_EQ(listener.updates.size(), 1U);
}

TEST(Snapshot, HasTheAskedKeysOrAllAndTheAskersHigh) {
    Filled filled(20, [](World& world) { world.settings.catchUpFrameBytesMax = 80; });
    const std::vector<std::string> all = filled.ann.snapshotBodies();
    EXPECT_GT(all.size(), 1U);
    std::size_t records = 0;
    for (const std::string& body : all) {
        EXPECT_EQ(member(body, "more"), &body == &all.back() ? "false" : "true");
        records += parsed(body).find("records")->size();
    }
    EXPECT_EQ(records, 7U);
    EXPECT_EQ(member(all.back(), "high"), "20");
    const std::vector<std::string> some =
        filled.bob.snapshotBodies(std::vector<std::string>{"k1", "nothing", "k2"});
    ASSERT_EQ(some.size(), 1U);
    EXPECT_EQ(parsed(some[0]).find("records")->size(), 2U);
    EXPECT_EQ(member(some[0], "high"), "0");
    EXPECT_EQ(
        parsed(filled.bob.snapshotBodies(std::vector<std::string>{})[0]).find("records")->size(),
        0U);
}

}  // namespace
}  // namespace syncline::channel
