// SPDX-License-Identifier: Apache-2.0
#include "bridge/handler_stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "unit/bridge/world.h"

namespace syncline::bridge::tests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string viewed(syncline_text text) {
    return std::string(toView(text));
}

class HandlerStageTest : public testing::Test {
protected:
    /// The handler returns `outcome`, with this as its error.
    void answers(syncline_outcome outcome, std::uint32_t code = 0, const char* reason = "") {
        world.script.onMessage = [=](void*, syncline_call, syncline_error* error) {
            error->code = code;
            std::strcpy(error->reason, reason);
            return outcome;
        };
    }

    /// Keeps the call and waits.
    void waits() {
        world.script.onMessage = [this](void*, syncline_call call, syncline_error*) {
            kept = call;
            return SYNCLINE_PENDING;
        };
    }

    const syncline_host* host() const { return world.script.host; }

    HandlerWorld world;
    syncline_call kept = 0;
};

TEST_F(HandlerStageTest, DoesWhatTheHandlerReturned) {
    answers(SYNCLINE_CONTINUE);
    world.send();
    answers(SYNCLINE_STOP);
    world.send();
    EXPECT_THAT(world.caller.got, ElementsAre("end", "end"));
    EXPECT_EQ(world.runner.figures()[0].passed.get(), 1U);
    EXPECT_EQ(world.runner.figures()[0].stopped.get(), 1U);
}

TEST_F(HandlerStageTest, RefusesWithTheHandlersError) {
    answers(SYNCLINE_REFUSED, 1212, "a rule");
    world.send();
    EXPECT_THAT(world.caller.got, ElementsAre("error 1212 a rule", "end"));
    // The sequencer needs the message of a refused op.
    EXPECT_EQ(world.caller.refusedBody, R"({"type":"test","channel":"c"})");
}

TEST_F(HandlerStageTest, TakesCodeZeroForAFailureOfThePlugin) {
    answers(SYNCLINE_REFUSED, 0, "oh");
    world.send();
    EXPECT_THAT(world.caller.got, ElementsAre("error 1004 oh", "end"));
}

TEST_F(HandlerStageTest, RefusesWhenTheOutcomeIsNone) {
    answers(99);
    world.send();
    EXPECT_THAT(world.caller.got,
                ElementsAre("error 1004 scripted answered no known outcome", "end"));
    EXPECT_EQ(world.conduct().misbehaviours(), 1U);
}

TEST_F(HandlerStageTest, RefusesWhenTheHandlerThrows) {
    world.script.onMessage = [](void*, syncline_call, syncline_error*) -> syncline_outcome {
        throw 7;
    };
    world.send();
    EXPECT_THAT(world.caller.got, ElementsAre("error 1004 the plugin gave no reason", "end"));
    EXPECT_EQ(world.conduct().misbehaviours(), 1U);
}

TEST_F(HandlerStageTest, ShowsTheMessageAndItsSender) {
    world.caller.who.user = "ann";
    world.caller.who.document = parsed(R"({"user":"ann"})");
    world.script.onMessage = [&](void*, syncline_call call, syncline_error*) {
        const auto& calls = kCallTable;
        EXPECT_EQ(json::toText(*toValue(calls.message(host(), call))),
                  R"({"type":"test","channel":"c"})");
        EXPECT_EQ(json::toText(*toValue(calls.principal(host(), call))), R"({"user":"ann"})");
        EXPECT_EQ(viewed(calls.type(host(), call)), "test");
        EXPECT_EQ(viewed(calls.channel(host(), call)), "c");
        EXPECT_EQ(viewed(calls.transport(host(), call)), "test");
        EXPECT_EQ(viewed(calls.address(host(), call)), "192.0.2.1");
        EXPECT_EQ(calls.connection(host(), call), 17U);
        EXPECT_EQ(calls.deadline_ms(host(), call), 250);
        return SYNCLINE_STOP;
    };
    world.send();
    EXPECT_EQ(world.conduct().misbehaviours(), 0U);
}

TEST_F(HandlerStageTest, ConcealsWhatIsAnsweredWhileItRuns) {
    syncline_call late = 0;
    world.script.onMessage = [&](void*, syncline_call call, syncline_error*) {
        kCallTable.conceal(host(), late = call);
        return SYNCLINE_PENDING;
    };
    world.send();
    EXPECT_TRUE(world.runner.find(PackedCall::unpack(late).id)->conceals);
    EXPECT_EQ(world.conduct().misbehaviours(), 0U);
    kCallTable.conceal(host(), late);
    EXPECT_EQ(world.conduct().misbehaviours(), 1U);

    world.runner.complete(PackedCall::unpack(late).id, pipeline::Outcome::stop);
    world.script.onMessage = [&](void*, syncline_call call, syncline_error*) {
        late = call;
        return SYNCLINE_PENDING;
    };
    world.send();
    EXPECT_FALSE(world.runner.find(PackedCall::unpack(late).id)->conceals) << "the next one";
}

TEST_F(HandlerStageTest, ShowsNoPrincipalBeforeThereIsASession) {
    world.script.onMessage = [&](void*, syncline_call call, syncline_error*) {
        EXPECT_EQ(kCallTable.principal(host(), call), nullptr);
        return SYNCLINE_STOP;
    };
    world.send();
    EXPECT_EQ(world.conduct().misbehaviours(), 0U);
}

TEST_F(HandlerStageTest, RepliesAtOnce) {
    const json::Value body = parsed(R"({"a":1})");
    world.script.onMessage = [&](void*, syncline_call call, syncline_error*) {
        kCallTable.reply(host(), call, toText("one"), toHandle(&body));
        kCallTable.reply(host(), call, toText("two"), nullptr);
        return SYNCLINE_STOP;
    };
    world.send();
    EXPECT_THAT(world.caller.got, ElementsAre(R"(one {"a":1})", "two", "end"));
}

TEST_F(HandlerStageTest, KeepsTheMessageWhileAReplyCancelsTheCall) {
    // As when the sender's outbox is full: the session closes, and with it go its calls.
    world.caller.onAnswer = [&] { world.runner.cancel(world.caller); };
    std::string after;
    world.script.onMessage = [&](void*, syncline_call call, syncline_error*) {
        const syncline_value* message = kCallTable.message(host(), call);
        const syncline_text channel = kCallTable.channel(host(), call);
        kCallTable.reply(host(), call, toText("x"), message);
        after = json::toText(*toValue(message)) + viewed(channel);
        kCallTable.reply(host(), call, toText("unheard"), nullptr);
        EXPECT_EQ(kCallTable.principal(host(), call), nullptr);
        EXPECT_EQ(kCallTable.deadline_ms(host(), call), 0);
        return SYNCLINE_STOP;
    };
    const std::string body =
        R"({"type":"test","text":"longer than what lies inside of a value itself"})";
    world.send(body);
    EXPECT_EQ(after, body + "c");
    EXPECT_EQ(world.caller.got.size(), 1U);
    EXPECT_EQ(world.conduct().misbehaviours(), 0U);
}

TEST_F(HandlerStageTest, FailsTheCallWhateverItReturnsThen) {
    for (const int outcome : {0, 1, 2, 3, 99}) {
        world.caller.got.clear();
        world.script.onMessage = [&](void*, syncline_call call, syncline_error*) {
            syncline_error error = emptyError();
            error.code = 1401;
            std::strcpy(error.reason, "slow down");
            kCallTable.fail(host(), call, &error);
            return outcome;
        };
        world.send();
        EXPECT_THAT(world.caller.got, ElementsAre("error 1401 slow down", "end"));
    }
    EXPECT_EQ(world.conduct().misbehaviours(), 0U);
}

TEST_F(HandlerStageTest, CountsWhatComesAfterItsOwnEndOfTheCall) {
    world.script.onMessage = [&](void*, syncline_call call, syncline_error*) {
        kCallTable.complete(host(), call, SYNCLINE_STOP);
        kCallTable.complete(host(), call, SYNCLINE_STOP);
        kCallTable.fail(host(), call, nullptr);
        kCallTable.reply(host(), call, toText("late"), nullptr);
        return SYNCLINE_PENDING;
    };
    world.send();
    EXPECT_THAT(world.caller.got, ElementsAre("end"));
    EXPECT_EQ(world.conduct().misbehaviours(), 3U);
}

TEST_F(HandlerStageTest, TakesTheFirstWordWhenACallIsCompletedTwiceAtOnce) {
    world.script.onMessage = [&](void*, syncline_call call, syncline_error*) {
        kCallTable.complete(host(), call, SYNCLINE_CONTINUE);
        return SYNCLINE_STOP;
    };
    world.send();
    EXPECT_EQ(world.runner.figures()[0].passed.get(), 1U);
    EXPECT_EQ(world.conduct().misbehaviours(), 1U);
}

TEST_F(HandlerStageTest, GoesOnWhenAPendingCallIsCompletedFromAnyThread) {
    waits();
    world.send();
    EXPECT_THAT(world.caller.got, IsEmpty());
    const json::Value body = parsed(R"({"a":1})");
    std::thread([&] {
        kCallTable.reply(host(), kept, toText("done"), toHandle(&body));
        kCallTable.complete(host(), kept, SYNCLINE_STOP);
    }).join();
    EXPECT_THAT(world.caller.got, IsEmpty());
    world.shard.settle();
    EXPECT_THAT(world.caller.got, ElementsAre(R"(done {"a":1})", "end"));
    EXPECT_EQ(world.conduct().misbehaviours(), 0U);
}

TEST_F(HandlerStageTest, FailsAPendingCallFromAnyThread) {
    waits();
    world.send();
    std::thread([&] { kCallTable.fail(host(), kept, nullptr); }).join();
    world.shard.settle();
    EXPECT_THAT(world.caller.got, ElementsAre("error 1004 the plugin gave no reason", "end"));
}

TEST_F(HandlerStageTest, CountsASecondCompletionAsMisbehaviour) {
    waits();
    world.send();
    kCallTable.complete(host(), kept, SYNCLINE_STOP);
    kCallTable.complete(host(), kept, SYNCLINE_STOP);
    kCallTable.fail(host(), kept, nullptr);
    kCallTable.reply(host(), kept, toText("x"), nullptr);
    world.shard.settle();
    EXPECT_THAT(world.caller.got, ElementsAre("end"));
    EXPECT_EQ(world.conduct().misbehaviours(), 3U);
}

TEST_F(HandlerStageTest, CountsACompletionAfterTheDeadlineAsLate) {
    waits();
    world.send();
    world.clock.advanceMs(300);
    world.shard.settle();
    ASSERT_EQ(world.caller.got.size(), 2U);
    kCallTable.complete(host(), kept, SYNCLINE_STOP);
    world.shard.settle();
    EXPECT_EQ(world.conduct().lateCompletions(), 1U);
    EXPECT_EQ(world.conduct().misbehaviours(), 0U);
}

TEST_F(HandlerStageTest, HoldsACancelledCallAgainstNobody) {
    waits();
    world.send();
    world.runner.cancel(world.caller);
    kCallTable.complete(host(), kept, SYNCLINE_STOP);
    world.shard.settle();
    EXPECT_EQ(world.conduct().lateCompletions(), 0U);
    EXPECT_EQ(world.conduct().misbehaviours(), 0U);
}

TEST_F(HandlerStageTest, NeverReachesTheNextCallInTheSamePlace) {
    waits();
    world.send();
    const syncline_call first = kept;
    kCallTable.complete(host(), first, SYNCLINE_STOP);
    world.shard.settle();
    world.send();
    EXPECT_NE(kept, first);
    kCallTable.complete(host(), first, SYNCLINE_STOP);
    kCallTable.reply(host(), first, toText("x"), nullptr);
    world.shard.settle();
    EXPECT_THAT(world.caller.got, ElementsAre("end"));
    EXPECT_EQ(world.conduct().misbehaviours(), 2U);
}

TEST_F(HandlerStageTest, NeverCompletesTheStageOfAnother) {
    Script behind;
    behind.onMessage = [](void*, syncline_call, syncline_error*) { return SYNCLINE_PENDING; };
    Made made(world, behind, kHandlerComponent, {"plugin", "scripted", "behind"});
    HandlerStage second(made.started());
    world.pipeline.steps.push_back(stepOf(second, 1));
    waits();
    world.send();
    kCallTable.complete(host(), kept, SYNCLINE_CONTINUE);
    world.shard.settle();
    kCallTable.complete(host(), kept, SYNCLINE_STOP);
    world.shard.settle();
    EXPECT_THAT(world.caller.got, IsEmpty());
    EXPECT_EQ(world.conduct().misbehaviours(), 1U);
    kCallTable.complete(behind.host, kept, SYNCLINE_STOP);
    world.shard.settle();
    EXPECT_THAT(world.caller.got, ElementsAre("end"));
    EXPECT_EQ(made.instance.conduct().misbehaviours(), 0U);
}

TEST_F(HandlerStageTest, ShowsNothingOutsideOfTheFunctionThatTheCallIsFor) {
    waits();
    world.send();
    EXPECT_EQ(kCallTable.message(host(), kept), nullptr);
    EXPECT_EQ(kCallTable.principal(host(), kept), nullptr);
    EXPECT_EQ(kCallTable.type(host(), kept).size, 0U);
    EXPECT_EQ(kCallTable.channel(host(), kept).size, 0U);
    EXPECT_EQ(kCallTable.deadline_ms(host(), kept), 0);
    EXPECT_EQ(world.conduct().misbehaviours(), 5U);
    const syncline_call other = kept;
    world.script.onMessage = [&](void*, syncline_call, syncline_error*) {
        EXPECT_EQ(kCallTable.message(host(), other), nullptr);
        return SYNCLINE_STOP;
    };
    world.send();
    EXPECT_EQ(world.conduct().misbehaviours(), 6U);
}

TEST_F(HandlerStageTest, SurvivesNumbersThatAreNoCalls) {
    for (const syncline_call call : {syncline_call{0}, ~syncline_call{0}, syncline_call{1} << 24,
                                     (syncline_call{9} << 32) + 5}) {
        kCallTable.complete(host(), call, SYNCLINE_STOP);
        kCallTable.fail(host(), call, nullptr);
        kCallTable.reply(host(), call, toText("x"), nullptr);
        EXPECT_EQ(kCallTable.message(host(), call), nullptr);
    }
    world.shard.settle();
    EXPECT_THAT(world.caller.got, IsEmpty());
}

TEST_F(HandlerStageTest, RefusesRepliesAndCompletionsThatCannotBe) {
    const json::Value array = json::Value::array();
    world.script.onMessage = [&](void*, syncline_call call, syncline_error*) {
        kCallTable.reply(host(), call, toText(""), nullptr);
        kCallTable.reply(host(), call, toText("\xff"), nullptr);
        kCallTable.reply(host(), call, toText("x"), toHandle(&array));
        kCallTable.complete(host(), call, SYNCLINE_PENDING);
        kCallTable.complete(host(), call, 99);
        return SYNCLINE_STOP;
    };
    world.send();
    EXPECT_THAT(world.caller.got, ElementsAre("end"));
    EXPECT_EQ(world.conduct().misbehaviours(), 5U);
}

TEST_F(HandlerStageTest, HandsOverThisShardsState) {
    int state = 0;
    world.script.shardOpen = [&](std::uint32_t, void** shard, syncline_error*) {
        *shard = &state;
        return SYNCLINE_OK;
    };
    ASSERT_TRUE(world.made.instance.openShard(0));
    void* seen = nullptr;
    world.script.onMessage = [&](void* shard, syncline_call, syncline_error*) {
        seen = shard;
        return SYNCLINE_STOP;
    };
    world.send();
    EXPECT_EQ(seen, &state);
}

TEST_F(HandlerStageTest, RefusesQuestionsThatItsManifestDoesNotDeclare) {
    const json::Value op = json::Value::object();
    world.script.onMessage = [&](void*, syncline_call call, syncline_error* error) {
        EXPECT_EQ(kChannelTable.submit(host(), call, toHandle(&op), error), SYNCLINE_FAILED);
        EXPECT_EQ(kChannelTable.subscribe(host(), call, toHandle(&op), error), SYNCLINE_FAILED);
        EXPECT_EQ(kChannelTable.snapshot(host(), call, toText("c"), nullptr, error),
                  SYNCLINE_FAILED);
        EXPECT_EQ(kSessionTable.open(host(), call, toText("c"), toHandle(&op), error), nullptr);
        EXPECT_EQ(kSessionTable.resume(host(), call, toHandle(&op), error), SYNCLINE_FAILED);
        return SYNCLINE_REFUSED;
    };
    world.send();
    EXPECT_THAT(world.caller.got,
                ElementsAre("error 1004 its manifest does not declare this", "end"));
    EXPECT_EQ(world.conduct().misbehaviours(), 5U);
}

TEST_F(HandlerStageTest, RefusesQuestionsOutsideOfTheCall) {
    waits();
    world.send();
    syncline_error error = emptyError();
    EXPECT_EQ(kAuthTable.verify(host(), kept, toText("c"), toText(""), 1, &error), SYNCLINE_FAILED);
    EXPECT_EQ(kChannelTable.unsubscribe(host(), kept, toText("c"), &error), SYNCLINE_FAILED);
    EXPECT_EQ(world.conduct().misbehaviours(), 2U);
}

}  // namespace
}  // namespace syncline::bridge::tests
