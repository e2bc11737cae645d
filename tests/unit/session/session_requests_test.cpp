// SPDX-License-Identifier: Apache-2.0
// Sessions of requests: opened without a greeting, asked, and waited for.
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/session/desk.h"

namespace syncline::session::tests {
namespace {

/// What carries one request.
class RequestTransport final : public FakeTransport {
public:
    bool twoWay() const override { return false; }
    void onProgress() override { ++progress; }
    std::string_view authorization() const override { return "as shown"; }

    int progress = 0;
};

struct Asked {
    explicit Asked(Desk& desk)
        : session(std::make_unique<Session>(*desk.context, transport, desk.chain)) {}

    void say(std::vector<std::string> texts) {
        std::vector<wire::ClientMessage> messages;
        for (const std::string& text : texts) {
            messages.push_back(std::move(*wire::messageFrom(parsed(text))));
        }
        session->onMessages(std::move(messages));
    }

    RequestTransport transport;
    std::unique_ptr<Session> session;
};

json::Value userNamed(const std::string& name) {
    json::Value principal = json::Value::object();
    principal.set("user", name);
    return principal;
}

class SessionRequestsTest : public ::testing::Test {
protected:
    std::unique_ptr<Asked> enter(const std::string& user) {
        auto asked = std::make_unique<Asked>(desk);
        const bool entered =
            asked->session->enterAs(user + "-client-0123456789012345", userNamed(user)).has_value();
        EXPECT_TRUE(entered);
        return asked;
    }

    Desk desk;
};

TEST_F(SessionRequestsTest, IsOpenedByWhatTheTransportShows) {
    Asked asked(desk);
    core::Result<void> entered = core::fail(core::Code::internal, "not yet");
    asked.session->enter("c", [&](core::Result<void> result) { entered = std::move(result); });
    EXPECT_FALSE(entered) << "never at once: a provider may answer within the call";
    desk.world.settle();
    // The provider of these tests takes the token for the name, and there is no token.
    ASSERT_FALSE(entered);
    EXPECT_EQ(entered.error().code, core::Code::badName);
    EXPECT_TRUE(asked.session->enterAs("c", userNamed("ann")));
    EXPECT_EQ(asked.session->user(), "ann");
}

TEST_F(SessionRequestsTest, DoesNotReplaceTheConnectionOfTheSameClient) {
    auto connection = desk.enter("ann");
    auto asked = enter("ann");
    desk.world.settle();
    EXPECT_EQ(connection->transport.closedWith, 0);
    asked->session.reset();
    EXPECT_EQ(desk.clients.size(), 1U);
}

TEST_F(SessionRequestsTest, WritesIntoTheSameStreamAsTheConnection) {
    auto connection = desk.enter("ann");
    connection->say(
        R"({"type":"change","id":1,"channel":"c","key":"k","kind":"set","n":1,"value":1})");
    desk.world.settle();
    connection->session.reset();
    auto asked = enter("ann");
    asked->say(
        {R"({"type":"change","id":1,"channel":"c","key":"k","kind":"set","n":1,"value":1})",
         R"({"type":"change","id":2,"channel":"c","key":"k","kind":"set","n":2,"value":2})"});
    desk.world.settle();
    const auto told = asked->transport.take();
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(member(told[0], "outcome"), "duplicate");
    EXPECT_EQ(member(told[1], "seq"), "2");
}

TEST_F(SessionRequestsTest, RefusesWhatSubscribesAndResumesAllTheSame) {
    auto asked = enter("ann");
    asked->say({R"({"type":"follow","id":1,"channel":"c"})"});
    EXPECT_EQ(member(asked->transport.take().at(0), "code"), "1501");
    json::Value cursors = json::Value::array();
    cursors.push(json::Value::object()).set("channel", "c");
    ASSERT_TRUE(asked->session->resume(cursors));
    EXPECT_FALSE(asked->session->settled());
    desk.world.settle();
    EXPECT_TRUE(asked->session->settled());
    const auto told = asked->transport.take();
    ASSERT_EQ(told.size(), 3U);
    EXPECT_EQ(member(told[0], "mode"), "snapshot") << "no cursor is not a wrong one";
    EXPECT_EQ(member(told[2], "type"), "live");
}

TEST_F(SessionRequestsTest, IsSettledWhenEveryMessageHasItsAnswer) {
    auto asked = enter("ann");
    EXPECT_TRUE(asked->session->settled());
    desk.world.holdCommits = true;
    asked->say({R"({"type":"change","channel":"c","key":"k","kind":"set","n":1,"value":1})"});
    desk.world.settle();
    EXPECT_FALSE(asked->session->settled());
    desk.world.holdCommits = false;
    desk.world.settle();
    EXPECT_TRUE(asked->session->settled());
    EXPECT_TRUE(asked->transport.take().empty()) << "a plain ack without an id";
    EXPECT_GT(asked->transport.progress, 0) << "and yet whoever waits is told";
}

TEST_F(SessionRequestsTest, ARefusedNumberIsWaitedFor) {
    auto asked = enter("ann");
    desk.world.holdCommits = true;
    asked->say({R"({"type":"refusing","id":1,"channel":"c","key":"k","kind":"set","n":1})"});
    desk.world.settle();
    EXPECT_FALSE(asked->session->settled());
    desk.world.holdCommits = false;
    desk.world.settle();
    EXPECT_TRUE(asked->session->settled());
    EXPECT_EQ(member(asked->transport.take().at(0), "settled"), "true");
}

TEST_F(SessionRequestsTest, GivingUpAnswersAllThatIsUnderWayAndDropsWhatComesLater) {
    auto asked = enter("ann");
    desk.world.holdCommits = true;
    asked->say({R"({"type":"change","id":1,"channel":"c","key":"k","kind":"set","n":1,"value":1})",
                R"({"type":"refusing","id":2,"channel":"c","key":"k","kind":"set","n":2})",
                R"({"type":"gated","id":3,"channel":"d"})",
                R"({"type":"echo","id":4,"channel":"d"})"});
    desk.world.settle();
    asked->session->giveUp(core::Error::of(core::Code::timedOut, "too late"));
    EXPECT_TRUE(asked->session->settled());
    const auto told = asked->transport.take();
    ASSERT_EQ(told.size(), 4U);
    std::vector<std::string> ids;
    for (const std::string& text : told) {
        EXPECT_EQ(member(text, "code"), "1002") << text;
        EXPECT_EQ(member(text, "retry"), "true");
        const std::string id = member(text, "re");
        ids.push_back(id);
        if (id == "1" || id == "2") {
            EXPECT_EQ(member(text, "n"), id);
            EXPECT_EQ(member(text, "settled"), "false");
        }
    }
    std::ranges::sort(ids);
    EXPECT_EQ(ids, (std::vector<std::string>{"1", "2", "3", "4"}));
    desk.world.holdCommits = false;
    desk.world.settle();
    EXPECT_TRUE(asked->transport.take().empty());
}

TEST_F(SessionRequestsTest, AnIdempotencyKeyStandsForTheNumber) {
    const std::string write =
        R"({"type":"change","id":1,"channel":"c","key":"k","kind":"increment","path":"","by":1})";
    for (const char* outcome : {"applied", "duplicate"}) {
        auto asked = enter("ann");
        asked->session->setIdempotencyKey("once");
        asked->say({write});
        desk.world.settle();
        EXPECT_EQ(member(asked->transport.take().at(0), "outcome"), outcome);
    }
}

}  // namespace
}  // namespace syncline::session::tests
