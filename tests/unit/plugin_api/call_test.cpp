// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <syncline/plugin.hpp>

#include "unit/plugin_api/instance.h"

namespace syncline {
namespace {

using Body = std::function<Outcome(const Message&, Call&)>;
Body onMessage;
std::function<Outcome(const Answer&, Call&)> onResult;

/// Does what the test says.
class Scripted final : public MessageHandler {
public:
    Outcome onMessage(const Message& message, Call& call) override {
        return syncline::onMessage(message, call);
    }
    Outcome onResult(const Answer& answer, const Message&, Call& call) override {
        return syncline::onResult(answer, call);
    }
};

class CallTest : public ::testing::Test {
protected:
    syncline_outcome run(Body body) {
        onMessage = std::move(body);
        return instance_.message();
    }

    test::MockHost host_;
    test::Instance instance_{host_, handler<Scripted>("scripted")};
};

TEST_F(CallTest, ShowsTheMessageAndItsSender) {
    const auto outcome = run([](const Message& message, Call& call) {
        EXPECT_EQ(message.type(), "greet");
        EXPECT_EQ(message.channel(), "");
        EXPECT_EQ(message.transport(), "ws");
        EXPECT_EQ(message.address(), "192.0.2.1");
        EXPECT_EQ(message["name"].string(), "Ada");
        EXPECT_EQ(message.user(), "ada");
        EXPECT_EQ(call.deadlineMs(), 250);
        EXPECT_EQ(call.handle(), 7U);
        return Outcome::proceed;
    });
    EXPECT_EQ(outcome, SYNCLINE_CONTINUE);
}

TEST_F(CallTest, BeforeASessionThereIsNoPrincipal) {
    host_.hasSession = false;
    run([](const Message& message, Call&) {
        EXPECT_FALSE(message.principal());
        EXPECT_EQ(message.user(), "");
        return Outcome::stop;
    });
}

TEST_F(CallTest, RepliesWithNothingAValueTextOrWhatIsBuilt) {
    run([](const Message& message, Call& call) {
        call.reply("plain");
        call.reply("value", message.body());
        call.reply("text", R"({"a":[1]})");
        call.reply("built", [](Builder& reply) { reply.set("n", 1); });
        return Outcome::stop;
    });
    ASSERT_EQ(host_.replies.size(), 4U);
    EXPECT_EQ(host_.replies[0].body, "");
    EXPECT_EQ(host_.replies[1].body, R"({"type":"greet","id":1,"name":"Ada"})");
    EXPECT_EQ(host_.replies[2].body, R"({"a":[1]})");
    EXPECT_EQ(host_.replies[3].type, "built");
    EXPECT_EQ(host_.replies[3].body, R"({"n":1})");
    EXPECT_EQ(host_.buildersAlive, 0);
}

TEST_F(CallTest, AReplyOfBadTextIsAnErrorOfThePluginAndSendsNothing) {
    EXPECT_EQ(run([](const Message&, Call& call) {
                  call.reply("text", "{");
                  return Outcome::stop;
              }),
              SYNCLINE_REFUSED);
    EXPECT_TRUE(host_.replies.empty());
    EXPECT_EQ(host_.buildersAlive, 0);
}

TEST_F(CallTest, ARefusalIsThrownOrReturned) {
    const Body thrown = [](const Message&, Call&) -> Outcome {
        throw Refusal(1401, "too fast").retryAfter(500);
    };
    const Body returned = [](const Message&, Call& call) {
        return call.refuse(Refusal(1401, "too fast").retryAfter(500));
    };
    for (const Body& body : {thrown, returned}) {
        instance_.error = detail::emptyError();
        EXPECT_EQ(run(body), SYNCLINE_REFUSED);
        EXPECT_EQ(instance_.error.code, 1401U);
        EXPECT_STREQ(instance_.error.reason, "too fast");
        EXPECT_NE(instance_.error.retry, 0U);
        EXPECT_EQ(instance_.error.retry_after_ms, 500U);
    }
}

TEST_F(CallTest, WhateverElseIsThrownBecomesTextWithoutACode) {
    EXPECT_EQ(run([](const Message&, Call&) -> Outcome { throw std::runtime_error("broke"); }),
              SYNCLINE_REFUSED);
    EXPECT_EQ(instance_.error.code, 0U);
    EXPECT_STREQ(instance_.error.reason, "broke");
    EXPECT_EQ(run([](const Message&, Call&) -> Outcome { throw 42; }), SYNCLINE_REFUSED);
    EXPECT_STREQ(instance_.error.reason, "something that is no std::exception was thrown");
}

TEST_F(CallTest, LongReasonsAreCutBetweenCharacters) {
    std::string reason(510, 'x');
    reason += "\xC3\xBC";  // a two-byte character across the end
    EXPECT_EQ(run([&](const Message&, Call& call) { return call.refuse(1, reason); }),
              SYNCLINE_REFUSED);
    EXPECT_EQ(std::string(instance_.error.reason), std::string(510, 'x'));
}

TEST_F(CallTest, AKeptCallEndsLater) {
    PendingCall kept;
    EXPECT_EQ(run([&](const Message&, Call& call) {
                  kept = call.defer();
                  return Outcome::pending;
              }),
              SYNCLINE_PENDING);
    kept.reply("later");
    kept.complete(Outcome::stop);
    kept.fail(1002, "too late");
    ASSERT_EQ(host_.replies.size(), 1U);
    EXPECT_EQ(host_.replies[0].call, 7U);
    EXPECT_EQ(host_.completions, std::vector<syncline_outcome>{SYNCLINE_STOP});
    ASSERT_EQ(host_.failures.size(), 1U);
    EXPECT_EQ(host_.failures[0].code, 1002U);
}

TEST_F(CallTest, FunctionsOfTheHostEndTheStageOrRefuseIt) {
    const std::vector<std::pair<Body, std::string>> questions = {
        {[](auto&, Call& call) { return call.auth().verify("c1", "t1", 9); }, "verify c1 t1 9"},
        {[](auto& message, Call& call) { return call.channel().submit(message["name"]); },
         "submit \"Ada\""},
        {[](auto& message, Call& call) { return call.channel().subscribe(message["id"]); },
         "subscribe 1"},
        {[](auto&, Call& call) { return call.channel().snapshot("c"); }, "snapshot c"},
        {[](auto& message, Call& call) { return call.channel().snapshot("c", message["id"]); },
         "snapshot c1"},
        {[](auto& message, Call& call) { return call.channel().presence(message["id"]); },
         "presence 1"},
        {[](auto& message, Call& call) {
             return call.broadcast().toChannel("c", "told", message["name"], 4);
         },
         "to channel c told \"Ada\" 4"},
        {[](auto&, Call& call) { return call.broadcast().toUser("ben", "told", {}, 5); },
         "to user ben told  5"},
        {[](auto& message, Call& call) { return call.channel().submit(message["id"], "op", true); },
         "batch op11"},
        {[](auto&, Call& call) { return call.channel().history("c", 7, 20); }, "history c 7 20"},
        {[](auto& message, Call& call) { return call.channel().outcomes("c", message["id"]); },
         "outcomes c1"},
        {[](auto& message, Call& call) { return call.channel().resolve(message["id"]); },
         "resolve 1"},
        {[](auto& message, Call& call) { return call.channel().snapshotOf("c", message["id"]); },
         "snapshot_of c1"},
        {[](auto& message, Call& call) { return call.channel().historyOf("c", message["id"]); },
         "history_of c1"},
    };
    detail::fillError(&host_.answer, 1201, "no such channel");
    for (const auto& [question, expected] : questions) {
        host_.status = SYNCLINE_OK;
        EXPECT_EQ(run(question), SYNCLINE_PENDING);
        EXPECT_EQ(host_.asked.back(), expected);
        host_.status = SYNCLINE_FAILED;
        EXPECT_EQ(run(question), SYNCLINE_REFUSED);
        EXPECT_EQ(instance_.error.code, 1201U);
        EXPECT_STREQ(instance_.error.reason, "no such channel");
    }
}

TEST_F(CallTest, OpeningASessionAnswersWhatTheClientIsTold) {
    const Body body = [](const Message& message, Call& call) {
        call.reply("welcome", call.session().open("c1", message.principal()));
        call.session().resume(message["id"]);
        call.channel().unsubscribe("c");
        return Outcome::stop;
    };
    EXPECT_EQ(run(body), SYNCLINE_STOP);
    EXPECT_EQ(host_.replies.at(0).body, R"({"session":"s1"})");
    EXPECT_EQ(host_.asked, (std::vector<std::string>{R"(open c1{"user":"ada","roles":["admin"]})",
                                                     "resume 1", "unsubscribe c"}));
    host_.status = SYNCLINE_FAILED;
    detail::fillError(&host_.answer, 1402, "too many");
    EXPECT_EQ(run(body), SYNCLINE_REFUSED);
    EXPECT_EQ(instance_.error.code, 1402U);
}

TEST_F(CallTest, AnAnswerComesWithItsTag) {
    onResult = [](const Answer& answer, Call& call) {
        if (!answer.ok) return call.refuse();
        EXPECT_EQ(answer.tag, 9U);
        EXPECT_EQ(answer.value["user"].string(), "ada");
        return Outcome::stop;
    };
    EXPECT_EQ(instance_.result(9, SYNCLINE_OK, R"({"user":"ada"})"), SYNCLINE_STOP);
    detail::fillError(&instance_.error, 1302, "expired");
    EXPECT_EQ(instance_.result(9, SYNCLINE_FAILED), SYNCLINE_REFUSED);
    EXPECT_EQ(instance_.error.code, 1302U) << "the host's own reason is passed on";
}

TEST_F(CallTest, ATableThatTheHostLacksIsNamed) {
    test::MockHost bare({SYNCLINE_CHANNEL_TABLE});
    test::Instance instance(bare, handler<Scripted>("scripted"));
    onMessage = [](const Message& message, Call& call) {
        return call.channel().submit(message.body());
    };
    EXPECT_EQ(instance.message(), SYNCLINE_REFUSED);
    EXPECT_STREQ(instance.error.reason, "this host does not offer the table draft.channel/1");
}

}  // namespace
}  // namespace syncline
