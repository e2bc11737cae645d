// SPDX-License-Identifier: Apache-2.0
// The mock host itself: what it blames, and that it is a whole host.
#include "syncline/testing/mock_host.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <fstream>
#include <syncline/plugin.hpp>

#include "syncline/testing/process_watch.h"

namespace syncline::conformance {
namespace {

using Strings = std::vector<std::string>;

TEST(MockHost, LeavesNoFunctionOfATableOut) {
    EXPECT_EQ(MockHost::gapsInTables(), Strings{})
        << "the ABI has grown: give the mock host these functions too";
}

TEST(MockHost, OffersOnlyWhatItIsToldTo) {
    MockHost host(std::set<std::string>{SYNCLINE_VALUE_TABLE});
    EXPECT_NE(host.handle()->table(host.handle(), SYNCLINE_VALUE_TABLE), nullptr);
    EXPECT_EQ(host.handle()->table(host.handle(), SYNCLINE_LOG_TABLE), nullptr);
    EXPECT_EQ(MockHost().handle()->table(MockHost().handle(), "draft.unheard_of/1"), nullptr);
}

TEST(MockHost, BlamesWhoeverReadsAValueThatIsNotLentAnyMore) {
    MockHost host;
    const Host plugin(host.handle());
    Loan& loan = host.vault().lend(Json::parse(R"({"a":["x"]})"), "a value");
    const Value value = plugin.value(loan.value());
    EXPECT_EQ(value["a"].at(0).string(), "x");
    const std::string_view kept = value["a"].at(0).string();
    loan.end();
    EXPECT_EQ(value["a"].at(0).string(), "");
    EXPECT_EQ(host.ledger().misconduct(), Strings{"read a value when it was not lent any more"});
    EXPECT_FALSE(isUtf8(kept)) << "a view that is kept shows itself";
}

TEST(MockHost, CountsTheBuildersThatWereNotDestroyed) {
    MockHost host;
    const Host plugin(host.handle());
    EXPECT_EQ(host.vault().leakedBuilders(), 0U);
    {
        const Document document = plugin.document();
        EXPECT_EQ(host.vault().leakedBuilders(), 1U);
    }
    EXPECT_EQ(host.vault().leakedBuilders(), 0U);
    EXPECT_EQ(host.ledger().misconduct(), Strings{});
}

TEST(MockHost, BuildsWhatTheWrapperWrites) {
    MockHost host;
    const Host plugin(host.handle());
    Document document = plugin.document();
    document.object([&](syncline::Builder& top) {
        top.set("text", "ä\n").set("number", 1.5).set("flag", true).set("none", nullptr);
        top.array("list", [](syncline::Builder& list) { list.add(1).json(R"({"b":[]})"); });
    });
    EXPECT_EQ(document.result().serialize(),
              R"({"text":"ä\n","number":1.5,"flag":true,"none":null,"list":[1,{"b":[]}]})");
    document.clear();
    document.key("no object around");
    EXPECT_TRUE(document.failed());
}

TEST(MockHost, HasAClockAndChanceThatStandStill) {
    MockHost one;
    MockHost other;
    const Host plugin(one.handle());
    const std::int64_t before = plugin.clock().wallMs();
    EXPECT_EQ(plugin.clock().wallMs(), before);
    one.clock().advance(250);
    EXPECT_EQ(plugin.clock().wallMs(), before + 250);
    unsigned char first[8];
    unsigned char second[8];
    plugin.random().fill(first, sizeof first);
    Host(other.handle()).random().fill(second, sizeof second);
    EXPECT_EQ(Json(std::string(first, first + 8)), Json(std::string(second, second + 8)));
}

TEST(MockHost, WritesDownLogMetricsAndHealth) {
    MockHost host;
    const Host plugin(host.handle());
    plugin.log().warn("careful");
    const syncline::Counter counter = plugin.metrics().counter("seen", "What was seen.");
    counter.add(3);
    plugin.metrics().counter("seen", "What was seen.").add();
    plugin.health().unwell("the disk is full");
    EXPECT_EQ(host.lines(), Strings{"careful"});
    EXPECT_EQ(host.counters()[0].second, 4U);
    EXPECT_EQ(host.awaitHealth(false), "the disk is full");
    EXPECT_FALSE(host.isWell());
}

TEST(MockHost, BlamesWhatComesAfterDestroy) {
    MockHost host;
    const Host plugin(host.handle());
    host.forgetComponent();
    plugin.log().info("still there");
    EXPECT_EQ(host.ledger().misconduct(),
              Strings{std::string("used ") + SYNCLINE_LOG_TABLE + " after destroy"});
}

/// A message under way, as its handler sees it.
class MockCall : public testing::Test {
protected:
    MockCall() {
        Request request;
        request.message = Json::parse(R"({"type":"note","id":1,"channel":"room","n":[1]})");
        request.connection = 7;
        call = mock.calls().open(request);
    }

    Strings asked() { return mock.calls().settled(call).asked; }
    /// What the host answers to the one question that waits.
    Json answer() {
        const auto question = mock.calls().takeQuestion(call);
        return question ? question->result : Json("nothing was asked");
    }

    MockHost mock;
    const Host plugin{mock.handle()};
    syncline_call call = 0;
    syncline_error error = detail::emptyError();
};

TEST_F(MockCall, ShowsItsConnectionWhileItsFunctionRuns) {
    const Message message(plugin, call);
    {
        const MockCalls::Entered entered(mock.calls(), call);
        EXPECT_EQ(message.connection(), 7U);
        EXPECT_EQ(mock.ledger().misconduct(), Strings{});
    }
    EXPECT_EQ(message.connection(), 0U);
    EXPECT_EQ(mock.ledger().misconduct().size(), 1U);
}

TEST_F(MockCall, WritesDownWhatTheChannelIsAskedFor) {
    const MockCalls::Entered entered(mock.calls(), call);
    const Message message(plugin, call);
    Call asking(plugin, call, nullptr, &error);
    EXPECT_EQ(asking.channel().submit(message.body(), "op", true), Outcome::pending);
    EXPECT_EQ(asking.channel().history("room", 3, 20), Outcome::pending);
    EXPECT_EQ(asking.channel().outcomes("room", message["n"]), Outcome::pending);
    EXPECT_EQ(asking.channel().presence(message.body()), Outcome::pending);
    const std::string body = R"({"type":"note","id":1,"channel":"room","n":[1]})";
    EXPECT_EQ(asked(),
              (Strings{R"(submit_batch {"message":)" + body + R"(,"type":"op","atomic":true})",
                       R"(history {"channel":"room","from":3,"limit":20})",
                       R"(outcomes {"channel":"room","n":[1]})", "presence " + body}));
    EXPECT_EQ(mock.ledger().misconduct(), Strings{"asked the host twice to answer one message"});
}

TEST_F(MockCall, GoesOnAsTheUserOfARefreshedPrincipal) {
    const MockCalls::Entered entered(mock.calls(), call);
    Call asking(plugin, call, nullptr, &error);
    Document who = plugin.document();
    who.object([](syncline::Builder& members) { members.set("user", "ann"); });
    EXPECT_EQ(asking.session().refresh(who.result()).serialize(), R"({"user":"ann"})");
    mock.calls().failAt("refresh", {1304, "another user's", false, 0});
    EXPECT_THROW(asking.session().refresh(who.result()), Refusal);
}

TEST_F(MockCall, AnswersASignalLater) {
    const MockCalls::Entered entered(mock.calls(), call);
    const Message message(plugin, call);
    Call asking(plugin, call, nullptr, &error);
    EXPECT_EQ(asking.broadcast().toChannel("room", "told", message.body(), 3), Outcome::pending);
    EXPECT_EQ(answer(), Json(Json::Object()));
    EXPECT_EQ(asking.broadcast().toUser("ben", "told", {}, 4), Outcome::pending);
    EXPECT_EQ(answer(), Json::parse(R"({"connections":2})"));
    EXPECT_EQ(asked().back(), R"(to_user {"user":"ben","type":"told"})");
    mock.calls().failAt("to_user", {1404, "busy", true, 100});
    EXPECT_EQ(asking.broadcast().toUser("ben", "told", {}, 5), Outcome::refused);
    EXPECT_EQ(error.code, 1404U);
    EXPECT_EQ(mock.ledger().misconduct(), Strings{});
}

TEST_F(MockCall, BlamesASignalWithoutAType) {
    const MockCalls::Entered entered(mock.calls(), call);
    Call asking(plugin, call, nullptr, &error);
    asking.broadcast().toChannel("room", "", {}, 1);
    EXPECT_EQ(mock.ledger().misconduct(), Strings{"sent a signal without a type"});
}

TEST_F(MockCall, BlamesASignalWhoseBodyIsNoObject) {
    const MockCalls::Entered entered(mock.calls(), call);
    Call asking(plugin, call, nullptr, &error);
    asking.broadcast().toUser("ben", "told", Message(plugin, call)["n"], 1);
    EXPECT_EQ(mock.ledger().misconduct(), Strings{"sent a signal with a body that is no object"});
}

TEST(SystemWatch, SeesFilesThatAreOpenedHoweverThatIsDone) {
    const SystemWatch watch;
    std::ifstream("/no/such/stream").get();
    EXPECT_EQ(::open("/no/such/file", O_RDONLY), -1);
    ASSERT_EQ(watch.seen().size(), 2U);
    EXPECT_EQ(watch.seen()[0], "open /no/such/stream");
    EXPECT_EQ(watch.seen()[1], "open /no/such/file");
}

TEST(Json, ReadsWhatItWrites) {
    for (const char* text : {"null", "true", "-1.5", "\"\"", R"("ä\"\\\u0001")", "[]", "{}",
                             R"({"a":[1,2,{"b":null}],"c":"d"})", "9007199254740991"}) {
        EXPECT_EQ(Json::parse(text).text(), text);
    }
    EXPECT_EQ(Json::parse(R"("\ud83d\ude00")"), Json("😀"));
    EXPECT_EQ(Json::parse(R"({"a":1,"b":2})"), Json::parse(R"({"b":2,"a":1})"));
    for (const char* text : {"", "{", "[1,]", "nul", "01x", "\"", R"("\x")", "{}{}", "{\"a\" 1}",
                             "\"\xc3\"", "1e999"}) {
        EXPECT_THROW(Json::parse(text), std::runtime_error) << text;
    }
    EXPECT_THROW(Json::parse(std::string_view("{}\0", 3)), std::runtime_error);
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    EXPECT_EQ(Json::parse(nested(512)).text(), nested(512));
    EXPECT_THROW(Json::parse(nested(513)), std::runtime_error);
}

TEST(Json, KnowsUtf8) {
    for (const char* text : {"", "a\x7f", "ä€😀"}) EXPECT_TRUE(isUtf8(text)) << text;
    for (const char* text :
         {"\xc3", "\x80", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\xff"})
        EXPECT_FALSE(isUtf8(text)) << text;
}

TEST(Json, FollowsPointers) {
    const Json json = Json::parse(R"({"a/b":[{"~":1}]})");
    EXPECT_EQ(*json.at("/a~1b/0/~0"), Json(1));
    EXPECT_EQ(json.at("/a~1b/1"), nullptr);
    EXPECT_EQ(json.at("a"), nullptr);
    EXPECT_EQ(*json.at(""), json);
}

}  // namespace
}  // namespace syncline::conformance
