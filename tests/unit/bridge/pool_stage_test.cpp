// SPDX-License-Identifier: Apache-2.0
// Handlers that declare themselves blocking.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <future>
#include <latch>
#include <thread>

#include "unit/bridge/world.h"

namespace syncline::bridge::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ComponentTraits blocking(std::size_t concurrencyMax = 2, std::size_t queueMax = 1) {
    ComponentTraits traits{"plugin", "scripted", "scripted"};
    traits.blocking = true;
    traits.carriesOps = true;
    traits.concurrencyMax = concurrencyMax;
    traits.queueMax = queueMax;
    return traits;
}

class PoolStageTest : public testing::Test {
protected:
    /// Waits for the pool, then runs what it posted.
    void finish() {
        ASSERT_TRUE(world.made.instance.pool().stop(60'000));
        world.shard.settle();
    }

    const syncline_host* host() const { return world.script.host; }

    HandlerWorld world{blocking()};
};

TEST_F(PoolStageTest, RunsOnAnotherThreadAndAnswersOnItsShard) {
    const auto shardThread = std::this_thread::get_id();
    std::promise<void> done;
    world.script.onMessage = [&](void* shard, syncline_call call, syncline_error*) {
        EXPECT_NE(std::this_thread::get_id(), shardThread);
        EXPECT_EQ(shard, nullptr);
        EXPECT_EQ(toView(kCallTable.channel(host(), call)), "c");
        EXPECT_EQ(toView(kCallTable.address(host(), call)), "192.0.2.1");
        EXPECT_EQ(kCallTable.connection(host(), call), 17U);
        EXPECT_EQ(kCallTable.principal(host(), call), nullptr);
        EXPECT_GT(kCallTable.deadline_ms(host(), call), 0);
        kCallTable.reply(host(), call, toText("echo"), kCallTable.message(host(), call));
        done.set_value();
        return SYNCLINE_STOP;
    };
    world.send(R"({"a":1})");
    EXPECT_THAT(world.caller.got, IsEmpty());
    done.get_future().wait();
    finish();
    EXPECT_THAT(world.caller.got, ElementsAre(R"(echo {"a":1})", "end"));
    EXPECT_EQ(world.conduct().misbehaviours(), 0U);
}

TEST_F(PoolStageTest, ConcealsWhatIsAnsweredFromItsThread) {
    std::promise<syncline_call> done;
    world.script.onMessage = [&](void*, syncline_call call, syncline_error*) {
        kCallTable.conceal(host(), call);
        done.set_value(call);
        return SYNCLINE_PENDING;
    };
    world.send();
    const auto id = PackedCall::unpack(done.get_future().get()).id;
    finish();
    EXPECT_TRUE(world.runner.find(id)->conceals);
    EXPECT_EQ(world.conduct().misbehaviours(), 0U);
}

TEST_F(PoolStageTest, ReadsItsCopyAfterTheCallHasGone) {
    std::promise<void> reading;
    std::promise<void> gone;
    std::string seen;
    world.script.onMessage = [&](void*, syncline_call call, syncline_error*) {
        reading.set_value();
        gone.get_future().wait();
        seen = json::toText(*toValue(kCallTable.message(host(), call)));
        return SYNCLINE_STOP;
    };
    world.send(R"({"text":"longer than what lies inside of a value itself"})");
    reading.get_future().wait();
    world.runner.cancel(world.caller);
    gone.set_value();
    finish();
    EXPECT_EQ(seen, R"({"text":"longer than what lies inside of a value itself"})");
    EXPECT_THAT(world.caller.got, IsEmpty());
    EXPECT_EQ(world.conduct().misbehaviours(), 0U);
}

TEST_F(PoolStageTest, RefusesOnceAsManyCallsHangAsMay) {
    std::promise<void> gate;
    const std::shared_future<void> opened = gate.get_future();
    std::latch bothRun(2);
    world.script.onMessage = [&](void*, syncline_call, syncline_error*) {
        bothRun.count_down();
        opened.wait();
        return SYNCLINE_STOP;
    };
    for (int i = 0; i < 3; ++i) world.send();
    bothRun.wait();
    EXPECT_THAT(world.caller.got, IsEmpty());
    world.send();
    EXPECT_THAT(world.caller.got,
                ElementsAre("error 1004 scripted has as many calls under way as it may", "end"));
    // Those that hang are answered by their deadline.
    world.caller.got.clear();
    world.clock.advanceMs(300);
    world.shard.settle();
    EXPECT_EQ(world.caller.got.size(), 6U);
    EXPECT_THAT(world.caller.got[0], HasSubstr("error 1002"));
    gate.set_value();
    finish();
    EXPECT_EQ(world.caller.got.size(), 6U);
    EXPECT_GE(world.conduct().lateCompletions(), 2U);
    EXPECT_EQ(world.conduct().misbehaviours(), 0U);
}

TEST_F(PoolStageTest, PassesOnRefusalsAndThrows) {
    std::promise<void> first;
    std::promise<void> second;
    world.script.onMessage = [&](void*, syncline_call, syncline_error* error) {
        error->code = 1212;
        std::strcpy(error->reason, "a rule");
        first.set_value();
        return SYNCLINE_REFUSED;
    };
    world.send();
    first.get_future().wait();
    while (world.made.instance.pool().running() > 0) std::this_thread::yield();
    world.shard.settle();
    world.script.onMessage = [&](void*, syncline_call, syncline_error*) -> syncline_outcome {
        second.set_value();
        throw std::runtime_error("oh");
    };
    world.send();
    second.get_future().wait();
    finish();
    EXPECT_THAT(world.caller.got, ElementsAre("error 1212 a rule", "end",
                                              "error 1004 the plugin gave no reason", "end"));
}

TEST_F(PoolStageTest, MayNotAskWhatNeedsTheShard) {
    std::promise<void> done;
    world.script.onMessage = [&](void*, syncline_call call, syncline_error* error) {
        const auto status =
            kChannelTable.submit(host(), call, kCallTable.message(host(), call), error);
        EXPECT_EQ(status, SYNCLINE_FAILED);
        done.set_value();
        return SYNCLINE_REFUSED;
    };
    world.send();
    done.get_future().wait();
    finish();
    EXPECT_THAT(world.caller.got[0], HasSubstr("error 1004"));
    EXPECT_EQ(world.conduct().misbehaviours(), 1U);
}

TEST_F(PoolStageTest, AnswersWhatWaitsWhenTheServerGoesDown) {
    std::promise<void> gate;
    const std::shared_future<void> opened = gate.get_future();
    std::promise<void> running;
    HandlerWorld narrow(blocking(1, 1));
    narrow.script.onMessage = [&](void*, syncline_call, syncline_error*) {
        running.set_value();
        opened.wait();
        return SYNCLINE_STOP;
    };
    narrow.send();
    running.get_future().wait();
    narrow.send();
    EXPECT_FALSE(narrow.made.instance.pool().stop(0));
    narrow.shard.settle();
    EXPECT_THAT(narrow.caller.got, ElementsAre("error 1502 the server goes down", "end"));
    gate.set_value();
}

}  // namespace
}  // namespace syncline::bridge::tests
