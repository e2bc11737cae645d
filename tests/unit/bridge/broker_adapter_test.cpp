// SPDX-License-Identifier: Apache-2.0
#include "bridge/broker_adapter.h"

#include <gtest/gtest.h>

#include "unit/bridge/world.h"

namespace syncline::bridge::tests {
namespace {

const syncline_broker kBroker = {
    sizeof(syncline_broker),
    [](void* self, void* shard, syncline_text channel, syncline_text epoch, std::uint64_t seq) {
        static_cast<Script*>(self)->life.push_back(
            "announce " + std::string(toView(channel)) + " " + std::string(toView(epoch)) + " " +
            std::to_string(seq) + (shard == self ? " own" : ""));
    },
    [](void* self, void*, syncline_text channel, std::int32_t wanted) {
        static_cast<Script*>(self)->life.push_back("interest " + std::string(toView(channel)) +
                                                   " " + std::to_string(wanted));
        if (toView(channel) == "bad") throw 1;
    }};
const syncline_component kComponent = componentOf(SYNCLINE_BROKER, kBroker);

TEST(BrokerAdapter, PassesOnWithTheStateOfTheShard) {
    World world;
    Script script;
    Made made(world, script, kComponent);
    script.shardOpen = [&](std::uint32_t, void** shard, syncline_error*) {
        *shard = &script;
        return SYNCLINE_OK;
    };
    BrokerAdapter broker(made.started());
    ASSERT_TRUE(made.instance.openShard(0));
    script.life.clear();
    broker.announce("c", "e", 7);
    broker.interest("c", true);
    broker.interest("bad", false);
    EXPECT_EQ(script.life,
              (std::vector<std::string>{"announce c e 7 own", "interest c 1", "interest bad 0"}));
    EXPECT_EQ(made.instance.conduct().misbehaviours(), 1U);
}

}  // namespace
}  // namespace syncline::bridge::tests
