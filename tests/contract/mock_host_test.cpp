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
              R"({"text":"ä\u000a","number":1.5,"flag":true,"none":null,"list":[1,{"b":[]}]})");
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
    for (const char* text : {"", "{", "[1,]", "nul", "01x", "\"", R"("\x")", "{}{}", "{\"a\" 1}"}) {
        EXPECT_THROW(Json::parse(text), std::runtime_error) << text;
    }
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
