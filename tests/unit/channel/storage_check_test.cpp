// SPDX-License-Identifier: Apache-2.0
#include "channel/storage_check.h"

#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

using tests::Client;
using tests::set;
using tests::World;

StorageFindings check(World& world) {
    auto found = checkStorage(world.storage, [](const std::string& channel) {
        LoadSettings settings;
        settings.channel = channel;
        settings.freshEpoch = "fresh";
        return settings;
    });
    EXPECT_TRUE(found);
    return std::move(*found);
}

void fill(World& world) {
    world.settings.checkpointOpsMax = 3;
    Client ann(world, "ann", "one");
    Client bob(world, "bob", "two");
    for (int i = 0; i < 10; ++i) {
        ann.send(set("k" + std::to_string(i % 4), "1"));
        bob.send(set("k", "1"));
    }
    world.crash();
}

TEST(StorageCheck, CountsWhatIsThereAndFindsNothingWrong) {
    World world;
    fill(world);
    const StorageFindings found = check(world);
    EXPECT_EQ(found.channels, 2U);
    EXPECT_EQ(found.records, 5U);
    EXPECT_EQ(found.entries, 20U);
    EXPECT_TRUE(found.wrong.empty());
}

TEST(StorageCheck, NamesTheChannelWhoseLogIsBrokenEvenWhereACheckpointCoversIt) {
    World world;
    fill(world);
    auto& log = world.storage.log("one");
    log.erase(log.begin() + 1);
    const StorageFindings found = check(world);
    EXPECT_EQ(found.channels, 2U);
    ASSERT_EQ(found.wrong.size(), 1U);
    EXPECT_EQ(found.wrong[0], "channel 'one': the log is broken at entry 3");
}

TEST(StorageCheck, AStorageThatCannotBeReadIsNamedForEachChannel) {
    World world;
    fill(world);
    world.storage.failLoads = true;
    EXPECT_EQ(check(world).wrong.size(), 2U);
}

}  // namespace
}  // namespace syncline::channel
