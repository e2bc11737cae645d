// SPDX-License-Identifier: Apache-2.0
#include "gateway/request_session.h"

#include <gtest/gtest.h>

#include "unit/session/desk.h"

namespace syncline::gateway {
namespace {

using session::tests::Desk;
using session::tests::member;
using session::tests::parsed;

constexpr std::string_view kClient = "a-client-of-these-tests-01";

/// Accepts everybody as `ann`, unless told otherwise.
class Ann final : public session::AuthProvider {
public:
    const std::string& name() const override { return name_; }
    void authenticate(core::Shard&, const session::Credentials&,
                      core::UniqueFunction<void(session::AuthAnswer)> answer) override {
        if (silent) return held.push_back(std::move(answer));
        session::AuthAnswer found;
        found.kind = kind;
        found.principal.document = json::Value::object();
        found.principal.document.set("user", "ann");
        answer(std::move(found));
    }

    session::AuthAnswer::Kind kind = session::AuthAnswer::Kind::accept;
    bool silent = false;
    std::vector<core::UniqueFunction<void(session::AuthAnswer)>> held;

private:
    const std::string name_ = "ann";
};

class RequestSessionTest : public ::testing::Test {
protected:
    void ask(const std::vector<std::string>& messages, const std::string& cursors = "[]") {
        RequestPlan plan;
        plan.client = kClient;
        for (const std::string& text : messages) {
            plan.messages.push_back(std::move(*wire::messageFrom(parsed(text))));
        }
        plan.cursors = parsed(cursors);
        outcome.reset();
        request =
            std::make_unique<RequestSession>(*desk.context, chain, settings, plan,
                                             session::Credentials{}, [this](RequestOutcome given) {
                                                 request.reset();
                                                 outcome = std::move(given);
                                             });
        desk.world.settle();
    }

    static std::string change(int n, const std::string& value = "1") {
        return R"({"type":"change","id":)" + std::to_string(n) + R"(,"channel":"c","key":"k)" +
               std::to_string(n) + R"(","kind":"set","n":)" + std::to_string(n) + R"(,"value":)" +
               value + "}";
    }

    std::vector<std::string> updateTypes() const {
        std::vector<std::string> types;
        for (const std::string& update : outcome->updates) types.push_back(member(update, "type"));
        return types;
    }

    Desk desk;
    Ann provider;
    session::AuthChain chain{{&provider}};
    ApiSettings settings;
    std::unique_ptr<RequestSession> request;
    std::optional<RequestOutcome> outcome;
};

TEST_F(RequestSessionTest, AnswersWhenAllIsSettledAndOnlyThenLooksAtTheCursors) {
    desk.world.holdCommits = true;
    ask({change(1), R"({"type":"echo","id":2})"}, R"([{"channel":"c"}])");
    EXPECT_FALSE(outcome);
    desk.world.holdCommits = false;
    desk.world.settle();
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->refused);
    EXPECT_EQ(outcome->replies.size(), 2U);
    EXPECT_EQ(updateTypes(), (std::vector<std::string>{"subscribed", "snapshot", "live"}));
    EXPECT_EQ(member(outcome->updates[1], "seq"), "1") << "its own op is in it";
    EXPECT_FALSE(outcome->more);
    EXPECT_EQ(outcome->principal.find("user")->asString(), "ann");
    EXPECT_TRUE(desk.context->sessions.empty());
    EXPECT_EQ(desk.world.topics[0]->subscribers("c"), 0U);
}

TEST_F(RequestSessionTest, AnswersAtTheDeadlineWithTheRestUnsettled) {
    desk.world.holdCommits = true;
    ask({change(1), R"({"type":"echo","id":2})"});
    desk.passMs(settings.deadlineMs + 100);
    ASSERT_TRUE(outcome);
    ASSERT_EQ(outcome->replies.size(), 2U);
    EXPECT_EQ(member(outcome->replies[0], "type"), "echoed");
    EXPECT_EQ(member(outcome->replies[1], "code"), "1002");
    EXPECT_EQ(member(outcome->replies[1], "settled"), "false");
    // It lands all the same, and sent again it gets its verdict.
    desk.world.holdCommits = false;
    desk.world.settle();
    ask({change(1)});
    ASSERT_TRUE(outcome);
    EXPECT_EQ(member(outcome->replies.at(0), "outcome"), "duplicate");
}

TEST_F(RequestSessionTest, WhoIsNotKnownGetsNothing) {
    provider.kind = session::AuthAnswer::Kind::refuse;
    ask({change(1)}, R"([{"channel":"c"}])");
    ASSERT_TRUE(outcome && outcome->refused);
    EXPECT_EQ(outcome->refused->code, core::Code::tokenInvalid);
    EXPECT_TRUE(outcome->replies.empty());
    EXPECT_TRUE(desk.world.storage.log("c").empty());
}

TEST_F(RequestSessionTest, AProviderThatDoesNotAnswerIsTimedOut) {
    provider.silent = true;
    desk.settings.helloMs = 100'000;
    ask({change(1)});
    desk.passMs(settings.deadlineMs + 100);
    ASSERT_TRUE(outcome && outcome->refused);
    EXPECT_EQ(outcome->refused->code, core::Code::timedOut);
    provider.held.clear();
}

TEST_F(RequestSessionTest, ASnapshotThatNeverFitsIsRefusedRatherThanCut) {
    settings.responseBytesMax = 4'000;
    desk.world.settings.catchUpFrameBytesMax = 1'000;
    for (int n = 1; n <= 20; ++n) ask({change(n, '"' + std::string(500, 'x') + '"')});
    ask({}, R"([{"channel":"c","epoch":"wrong","seq":0}])");
    ASSERT_TRUE(outcome);
    ASSERT_EQ(outcome->updates.size(), 1U);
    EXPECT_EQ(member(outcome->updates[0], "code"), "1203");
    EXPECT_FALSE(outcome->more);
}

TEST_F(RequestSessionTest, ATailThatDoesNotFitIsGoneOnWith) {
    std::string epoch;
    settings.responseBytesMax = 4'000;
    ask({}, R"([{"channel":"c"}])");
    epoch = member(outcome->updates.at(0), "epoch");
    for (int n = 1; n <= 20; ++n) ask({change(n, '"' + std::string(500, 'x') + '"')});
    std::uint64_t seq = 0;
    int rounds = 0;
    for (bool more = true; more; ++rounds) {
        ASSERT_LT(rounds, 20);
        ask({},
            R"([{"channel":"c","epoch":")" + epoch + R"(","seq":)" + std::to_string(seq) + "}]");
        ASSERT_TRUE(outcome);
        for (const std::string& update : outcome->updates) {
            const json::Value message = parsed(update);
            const json::Value* updates = message.find("updates");
            if (updates == nullptr) continue;
            for (const json::Value& one : updates->elements()) {
                EXPECT_EQ(one.find("seq")->asNumber(), static_cast<double>(++seq));
            }
        }
        more = outcome->more;
    }
    EXPECT_EQ(seq, 20U);
    EXPECT_GT(rounds, 2);
}

TEST_F(RequestSessionTest, AnswersThatAreLargerThanTheLimitAreRefusedAsAWhole) {
    ask({change(1, '"' + std::string(3'000, 'x') + '"')});
    settings.responseBytesMax = 1'000;
    ask({R"({"type":"read","id":1,"channel":"c"})"});
    desk.passMs(settings.deadlineMs + 100);
    ASSERT_TRUE(outcome && outcome->refused);
    EXPECT_EQ(outcome->refused->code, core::Code::tooLarge);
}

TEST_F(RequestSessionTest, AServerThatShutsDownSaysSo) {
    desk.world.holdCommits = true;
    ask({change(1)});
    ASSERT_FALSE(outcome);
    desk.context->sessions.begin()->second->close(session::CloseCode::draining, "bye");
    desk.world.settle();
    ASSERT_TRUE(outcome && outcome->refused);
    EXPECT_EQ(outcome->refused->code, core::Code::draining);
}

TEST_F(RequestSessionTest, AServerThatShutsDownSaysWhenToTryAgain) {
    desk.world.holdCommits = true;
    ask({change(1)});
    core::Error draining = core::Error::of(core::Code::draining, "bye");
    draining.retryAfterMs = 2'500;
    desk.context->sessions.begin()->second->goAway(draining);
    desk.world.settle();
    ASSERT_TRUE(outcome && outcome->refused);
    EXPECT_EQ(outcome->refused->retryAfterMs, 2'500U);
}

TEST_F(RequestSessionTest, OneThatNobodyWaitsForAnyMoreLeavesNothing) {
    desk.world.holdCommits = true;
    ask({change(1)}, R"([{"channel":"c"}])");
    request.reset();
    desk.world.holdCommits = false;
    desk.world.settle();
    EXPECT_FALSE(outcome);
    EXPECT_TRUE(desk.context->sessions.empty());
    EXPECT_EQ(desk.runner->underWay(), 0U);
}

}  // namespace
}  // namespace syncline::gateway
