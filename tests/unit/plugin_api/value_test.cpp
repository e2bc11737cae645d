// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <syncline/plugin.hpp>

#include "unit/plugin_api/mock_host.h"

namespace syncline {
namespace {

class JsonOfTheHost : public ::testing::Test {
protected:
    Value value(std::string_view json) { return {host_.values(), host_.value(json)}; }
    Document document() { return {host_.handle(), host_.builders(), host_.values()}; }

    test::MockHost host_;
};

TEST_F(JsonOfTheHost, ReadsEachTypeAndAnswersTheFallbackForTheOthers) {
    const Value all = value(R"({"s":"text","n":2.5,"b":true,"z":null,"a":[1],"o":{}})");
    EXPECT_EQ(all["s"].string(), "text");
    EXPECT_EQ(all["s"].number(9), 9);
    EXPECT_EQ(all["n"].number(), 2.5);
    EXPECT_EQ(all["n"].string("none"), "none");
    EXPECT_TRUE(all["b"].boolean());
    EXPECT_TRUE(all["n"].boolean(true));
    EXPECT_TRUE(all["z"].isNull());
    EXPECT_TRUE(all["a"].isArray());
    EXPECT_TRUE(all["o"].isObject());
    EXPECT_TRUE(all.isObject());
}

TEST_F(JsonOfTheHost, AMissingValueReadsLikeNoneAtAnyDepth) {
    const Value missing = value("{}")["a"]["b"]["c"];
    EXPECT_FALSE(missing);
    EXPECT_FALSE(missing.isNull());
    EXPECT_EQ(missing.integer(5), 5);
    EXPECT_EQ(missing.size(), 0U);
    EXPECT_EQ(missing.serialize(), "null");
    EXPECT_FALSE(missing.at(0));
    EXPECT_FALSE(Value()["x"]);
    for (Value element : missing) FAIL() << element.serialize();
}

TEST_F(JsonOfTheHost, IntegersAreExactOrTheFallback) {
    EXPECT_EQ(value("9007199254740991").integer(), 9007199254740991);
    EXPECT_EQ(value("-3.9").integer(), -3);
    EXPECT_EQ(value("1e300").integer(-1), -1);
    EXPECT_EQ(value("\"5\"").integer(-1), -1);
}

TEST_F(JsonOfTheHost, WalksElementsAndMembersInOrder) {
    std::string seen;
    for (Value element : value(R"(["a","b"])")) seen += element.string();
    const Value object = value(R"({"x":1,"y":2})");
    for (const auto& [name, member] : object.members())
        seen += std::string(name) + member.serialize();
    EXPECT_EQ(seen, "abx1y2");
    EXPECT_EQ(value("[7,8]").at(1).number(), 8);
    EXPECT_FALSE(value("[7,8]").at(2));
    EXPECT_TRUE(object.contains("x"));
    EXPECT_FALSE(object.contains("z"));
}

TEST_F(JsonOfTheHost, SerializesTextOfAnyLength) {
    const std::string longText = "[\"" + std::string(1000, 'x') + "\"]";
    EXPECT_EQ(value(longText).serialize(), longText);
    EXPECT_EQ(value("[1]").serialize(), "[1]");
}

TEST_F(JsonOfTheHost, ComparesAsJson) {
    EXPECT_EQ(value(R"({"a":1,"b":2})"), value(R"({"b":2,"a":1})"));
    EXPECT_NE(value("1"), value("2"));
    EXPECT_NE(value("null"), Value());
    EXPECT_EQ(Value(), Value());
}

TEST_F(JsonOfTheHost, BuildsWhatIsAsked) {
    Document built = document();
    const Value quoted = value(R"(["q"])");
    built.object([&](Builder& object) {
        object.set("text", "t").set("number", 3).set("yes", true).set("none", nullptr);
        object.set("copied", quoted).set("missing", Value()).set("string", std::string("s"));
        object.array("list", [](Builder& list) {
            list.add(1U).add(-0.5).object([](Builder& inner) { inner.set("k", 'v' == 'v'); });
        });
        object.object("empty", [](Builder&) {});
        object.key("raw").json(R"({"r":[]})");
    });
    EXPECT_EQ(built.result().serialize(),
              R"({"text":"t","number":3,"yes":true,"none":null,"copied":["q"],"missing":null,)"
              R"("string":"s","list":[1,-0.5,{"k":true}],"empty":{},"raw":{"r":[]}})");
}

TEST_F(JsonOfTheHost, AnUnfinishedBuildThrowsInsteadOfAnswering) {
    Document built = document();
    EXPECT_THROW(built.result(), std::logic_error);
    built.json("{broken");
    EXPECT_THROW(built.result(), std::logic_error);
    built.clear();
    EXPECT_EQ(built.add(5).result().number(), 5);
}

TEST_F(JsonOfTheHost, ADocumentGivesItsMemoryBack) {
    { Document built = document(); }
    EXPECT_EQ(host_.buildersAlive, 0);
}

}  // namespace
}  // namespace syncline
