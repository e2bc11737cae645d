// SPDX-License-Identifier: Apache-2.0
// Several shards: requests travel to the home, answers and chunks back, in order.
#include <set>

#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

using tests::Client;
using tests::increment;
using tests::Listener;
using tests::member;
using tests::set;
using tests::World;

// A channel whose home is the given one of two shards.
std::string channelOn(std::size_t home) {
    for (int i = 0;; ++i) {
        std::string name = "room" + std::to_string(i);
        if (core::stableHash(name) % 2 == home) return name;
    }
}

TEST(Shards, AnOpTravelsToItsHomeAndItsAnswerBack) {
    World world(2);
    for (std::size_t from : {0, 1})
        for (std::size_t home : {0, 1}) {
            Client client(world, "ann" + std::to_string(from), channelOn(home), from);
            EXPECT_EQ(member(client.send(set("a", "1")), "outcome"), "applied");
            EXPECT_EQ(client.value("a"), "1");
        }
}

TEST(Shards, OpsOfOneShardKeepTheirOrder) {
    World world(2);
    Client ann(world, "ann", channelOn(1), 0);
    for (int i = 0; i < 20; ++i) ann.post(set("a", std::to_string(i)));
    world.settle();
    for (std::size_t i = 0; i < 20; ++i)
        EXPECT_EQ(member(ann.replies[i], "seq"), std::to_string(i + 1));
    EXPECT_EQ(ann.value("a"), "19");
}

TEST(Shards, EveryShardWithSubscribersGetsEachChunkOnceInOrder) {
    World world(2);
    const std::string room = channelOn(1);
    Client ann(world, "ann", room, 0);
    Client bob(world, "bob", room, 1);
    Listener here;
    Listener there;
    ASSERT_TRUE(ann.subscribe()->live);
    world.topics[0]->add(room, here, here.membership);
    ASSERT_TRUE(bob.subscribe()->live);
    world.topics[1]->add(room, there, there.membership);
    for (int i = 0; i < 5; ++i) {
        ann.post(increment("n", "", 1));
        bob.post(increment("n", "", 1));
        world.settle();
    }
    EXPECT_EQ(here.updates, there.updates) << "the same bytes";
    ASSERT_EQ(here.updates.size(), 10U);
    for (std::size_t i = 0; i < 10; ++i)
        EXPECT_EQ(member(here.updates[i], "seq"), std::to_string(i + 1));
    EXPECT_EQ(here.chunks[0].frames.get(), there.chunks[0].frames.get()) << "encoded once";
}

TEST(Shards, ASubscriberIsAnsweredBeforeTheChunksThatFollow) {
    World world(2);
    const std::string room = channelOn(1);
    Client ann(world, "ann", room, 1);
    ann.send(set("a", "1"));
    // The op is committed in the same tick of the home in which the subscription arrives.
    Listener late;
    std::uint64_t reached = 0;
    ann.post(set("a", "2"));
    world.shard(1).tick();
    world.directory().subscribe(world.shard(0), {room, std::nullopt, ann.author, 0, 0, 1 << 20},
                                [&](core::Result<CatchUp> caught) {
                                    ASSERT_TRUE(caught && caught->live);
                                    reached = caught->reached.seq;
                                    world.topics[0]->add(room, late, late.membership);
                                });
    world.shard(0).tick();
    world.settle();
    ann.send(set("a", "3"));
    std::uint64_t next = reached + 1;
    for (const auto& chunk : late.chunks) {
        EXPECT_EQ(chunk.firstSeq, next);
        next = chunk.lastSeq + 1;
    }
    EXPECT_EQ(next, 4U);
}

TEST(Shards, ABusyHomeAnswersAtOnceAndLosesNoLeave) {
    World world(2);
    const std::string room = channelOn(1);
    Client ann(world, "ann", room, 0);
    Listener listener;
    ASSERT_TRUE(ann.subscribe()->live);
    world.topics[0]->add(room, listener, listener.membership);
    world.shard(1).inboxFull = true;
    const std::string busy = ann.send(set("a", "1"));
    EXPECT_EQ(member(busy, "code"), "1404");
    EXPECT_EQ(member(busy, "settled"), "false");
    const core::Result<CatchUp> refused = ann.subscribe();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, core::Code::busy);
    EXPECT_EQ(member(ann.snapshotBodies().at(0), "code"), "1404");
    world.directory().leave(world.shard(0), room);
    world.settle();
    world.shard(1).inboxFull = false;
    ann.send(set("a", "1"), 1);
    EXPECT_TRUE(listener.updates.empty()) << "the home knows that it left";
}

}  // namespace
}  // namespace syncline::channel
