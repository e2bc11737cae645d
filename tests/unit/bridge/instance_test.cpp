// SPDX-License-Identifier: Apache-2.0
#include "bridge/instance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <future>

#include "bridge/function_check.h"
#include "unit/bridge/world.h"

namespace syncline::bridge::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class InstanceTest : public testing::Test {
protected:
    static void say(syncline_error* error, const char* reason, const char* pointer = "") {
        std::strcpy(error->reason, reason);
        std::strcpy(error->pointer, pointer);
    }

    World world;
    Script script;
    Made made{world, script, kHandlerComponent};
    Instance& instance = made.instance;
    const json::Value config = parsed(R"({"a":1})");
};

TEST_F(InstanceTest, LivesFromCreateToDestroy) {
    {
        Made other(world, script, kHandlerComponent);
        Instance& whole = other.started();
        EXPECT_TRUE(whole.openShard(0));
        whole.closeShard(0);
        whole.drain();
        whole.drain();
    }
    EXPECT_THAT(script.life, ElementsAre("create", "validate", "start", "shard_open 0",
                                         "shard_close", "drain", "destroy"));
}

TEST_F(InstanceTest, IsDrainedBeforeItIsDestroyed) {
    { Made(world, script, kHandlerComponent).started(); }
    EXPECT_THAT(script.life, ElementsAre("create", "validate", "start", "drain", "destroy"));
}

TEST_F(InstanceTest, IsDestroyedAfterCreateAlone) {
    { EXPECT_TRUE(Made(world, script, kHandlerComponent).instance.create()); }
    EXPECT_THAT(script.life, ElementsAre("create", "destroy"));
}

TEST_F(InstanceTest, IsNotDestroyedWhenThereIsNothing) {
    script.create = [](syncline_error*) { return SYNCLINE_FAILED; };
    { EXPECT_FALSE(Made(world, script, kHandlerComponent).instance.create()); }
    EXPECT_THAT(script.life, ElementsAre("create"));
}

TEST_F(InstanceTest, SaysWhichValueOfTheConfigurationIsWrong) {
    script.validate = [](const syncline_value* value, syncline_error* error) {
        say(error, kValueTable.count(value) == 1 ? "too small" : "?", "/a");
        return SYNCLINE_FAILED;
    };
    ASSERT_TRUE(instance.create());
    const auto valid = instance.validate(config);
    ASSERT_FALSE(valid);
    EXPECT_EQ(valid.error().pointer, "/a");
    EXPECT_EQ(valid.error().reason, "too small");
}

TEST_F(InstanceTest, SaysWhyItCouldNotStart) {
    script.start = [](syncline_error* error) {
        say(error, "no disk");
        return SYNCLINE_FAILED;
    };
    ASSERT_TRUE(instance.create());
    ASSERT_TRUE(instance.validate(config));
    EXPECT_EQ(instance.start().error().reason, "scripted: start: no disk");
}

TEST_F(InstanceTest, SurvivesAPluginThatThrows) {
    script.create = [](syncline_error*) -> syncline_status { throw std::runtime_error("oh"); };
    const auto created = instance.create();
    ASSERT_FALSE(created);
    EXPECT_EQ(instance.conduct().misbehaviours(), 1U);
    EXPECT_THAT(world.log.str(), HasSubstr("create threw: oh"));
}

TEST_F(InstanceTest, HandsEachShardItsOwnState) {
    int state = 0;
    void* closed = nullptr;
    script.shardOpen = [&](std::uint32_t, void** shard, syncline_error*) {
        *shard = &state;
        return SYNCLINE_OK;
    };
    script.shardClose = [&](void* shard) { closed = shard; };
    made.started();
    EXPECT_EQ(instance.shardState(0), nullptr);
    ASSERT_TRUE(instance.openShard(0));
    EXPECT_EQ(instance.shardState(0), &state);
    EXPECT_EQ(instance.shardState(99), nullptr);
    instance.closeShard(0);
    EXPECT_EQ(closed, &state);
    EXPECT_EQ(instance.shardState(0), nullptr);
    instance.closeShard(0);
    EXPECT_EQ(script.life.back(), "shard_close");
}

TEST_F(InstanceTest, KeepsNoStateOfAShardThatDidNotOpen) {
    int state = 0;
    script.shardOpen = [&](std::uint32_t, void** shard, syncline_error*) {
        *shard = &state;
        return SYNCLINE_FAILED;
    };
    made.started();
    EXPECT_FALSE(instance.openShard(0));
    EXPECT_EQ(instance.shardState(0), nullptr);
    instance.closeShard(0);
    EXPECT_NE(script.life.back(), "shard_close");
}

TEST_F(InstanceTest, LetsOptionalFunctionsBeMissing) {
    syncline_component bare = kHandlerComponent;
    bare.validate = nullptr;
    bare.start = nullptr;
    bare.shard_open = nullptr;
    bare.shard_close = nullptr;
    bare.drain = nullptr;
    Made other(world, script, bare);
    Instance& whole = other.started();
    EXPECT_TRUE(whole.openShard(0));
    whole.closeShard(0);
    whole.drain();
    EXPECT_THAT(script.life, ElementsAre("create"));
}

TEST_F(InstanceTest, RefusesAComponentThatLacksAFunction) {
    syncline_component broken = kHandlerComponent;
    broken.destroy = nullptr;
    Made other(world, script, broken);
    EXPECT_EQ(other.instance.create().error().reason, "scripted: the component lacks 'destroy'");
}

TEST_F(InstanceTest, TellsTheWatchdogWhereAShardIs) {
    CallMarker::Place seen;
    script.drain = [&] { seen = world.runtime.whereabouts(0); };
    made.started();
    instance.drain();
    EXPECT_STREQ(seen.instance, "scripted");
    EXPECT_STREQ(seen.function, "drain");
    EXPECT_EQ(world.runtime.whereabouts(0).function, nullptr);
}

TEST_F(InstanceTest, IsLeftInMemoryWhileACallHangs) {
    auto hung = std::make_unique<Instance>(world.runtime, kHandlerComponent,
                                           ComponentTraits{"plugin", "scripted", "hung"});
    ASSERT_TRUE(hung->create());
    Instance& left = *hung;
    std::promise<void> gate;
    std::promise<void> running;
    ASSERT_TRUE(hung->pool().submit([&](bool) {
        running.set_value();
        gate.get_future().wait();
    }));
    running.get_future().wait();
    EXPECT_FALSE(Instance::retire(std::move(hung), 0));
    EXPECT_THAT(script.life, ElementsAre("create"));
    gate.set_value();
    EXPECT_TRUE(Instance::retire(std::unique_ptr<Instance>(&left), 60'000));
    EXPECT_THAT(script.life, ElementsAre("create", "destroy"));
}

TEST(FunctionCheck, MissesWhatEachKindNeeds) {
    static syncline_storage_backend storage = {};
    storage.size = sizeof storage;
    static syncline_broker broker = {};
    broker.size = sizeof broker;
    const std::pair<syncline_component, const char*> cases[] = {
        {componentOf(SYNCLINE_STORAGE_BACKEND, storage), "commit"},
        {componentOf(SYNCLINE_BROKER, broker), "announce"},
        {componentOf(77, broker), "a known kind"},
    };
    for (const auto& [component, missing] : cases) {
        EXPECT_STREQ(missingFunction(component), missing);
    }
    syncline_component cut = kHandlerComponent;
    cut.size = 8;
    EXPECT_STREQ(missingFunction(cut), "a whole syncline_component");
    cut = kHandlerComponent;
    cut.functions = nullptr;
    EXPECT_STREQ(missingFunction(cut), "functions");
    static syncline_message_handler handler = kHandler;
    handler.size = 4;
    EXPECT_STREQ(missingFunction(componentOf(SYNCLINE_MESSAGE_HANDLER, handler)),
                 "a whole syncline_message_handler");
    for (const syncline_component* whole :
         {&kHandlerComponent, &kProviderComponent, &kStrategyComponent}) {
        EXPECT_EQ(missingFunction(*whole), nullptr);
    }
}

}  // namespace
}  // namespace syncline::bridge::tests
