// SPDX-License-Identifier: Apache-2.0
#include "channel/digest.h"

#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

using tests::Client;
using tests::increment;
using tests::member;
using tests::merge;
using tests::remove;
using tests::set;
using tests::World;

std::string digest(World& world, const std::string& channel = "room",
                   std::optional<std::vector<std::string>> keys = std::nullopt) {
    std::vector<std::string> bodies;
    Selection wanted;
    wanted.keys = std::move(keys);
    wanted.digest = true;
    world.directory().snapshot(
        world.shard(), channel, std::move(wanted), Author{"eve", "eve-client", "eve-tag"},
        [&bodies](std::vector<std::string> given) { bodies = std::move(given); });
    world.settle();
    return member(bodies.back(), "digest");
}

void fill(World& world, const std::string& channel) {
    Client ann(world, "ann", channel);
    ann.send(set("b", R"({"x":1,"a":[1.5,"é"]})"));
    ann.send(set("a", "7"));
    ann.send(merge("b", R"({"y":null,"z":1e21})"));
    ann.send(set("gone", "1"));
    ann.send(remove("gone"));
}

TEST(Digest, IsTheHashOfOneTextThatAnybodyCanMake) {
    World world;
    // printf '{}' | sha256sum
    EXPECT_EQ(digest(world), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    fill(world, "room");
    // printf '{"a":[2,7],"b":[3,{"a":[1.5,"é"],"x":1,"z":1e+21}]}' | sha256sum
    EXPECT_EQ(digest(world), "cc793e5bc9560916a2233c23c1c93a294ce45f8f6f15e4948d4c7aa19e5d44b9");
}

TEST(Digest, IsOfTheWholeChannelWhateverIsRead) {
    World world;
    fill(world, "room");
    EXPECT_EQ(digest(world, "room", std::vector<std::string>{"a"}), digest(world));
}

TEST(Digest, DependsOnRecordsAndVersionsAlone) {
    World world;
    fill(world, "room");
    fill(world, "other");
    const std::string before = digest(world);
    EXPECT_EQ(digest(world, "other"), before);
    world.crash();
    EXPECT_EQ(digest(world), before) << "after a restart";
    World elsewhere;
    fill(elsewhere, "room");
    EXPECT_EQ(digest(elsewhere), before) << "in another epoch";
    Client ann(world, "ann");
    ann.lastN = 5;
    ann.send(set("a", "7"));
    EXPECT_NE(digest(world), before) << "another version";
}

TEST(Digest, IsThereOnlyWhenItIsAskedFor) {
    World world;
    Client ann(world, "ann");
    EXPECT_EQ(member(ann.snapshotBodies().back(), "digest"), "");
}

}  // namespace
}  // namespace syncline::channel
