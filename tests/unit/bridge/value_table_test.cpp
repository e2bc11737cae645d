// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "unit/bridge/world.h"

namespace syncline::bridge::tests {
namespace {

std::string textOf(syncline_text text) {
    return std::string(toView(text));
}

struct Reading {
    const char* json;
    syncline_type type;
    int boolean;
    double number;
    const char* string;
    std::size_t count;
};

TEST(ValueTable, ReadsEachTypeAndAnswersZeroForTheOthers) {
    const Reading readings[] = {
        {"null", SYNCLINE_NULL, 0, 0, "", 0},
        {"true", SYNCLINE_BOOLEAN, 1, 0, "", 0},
        {"false", SYNCLINE_BOOLEAN, 0, 0, "", 0},
        {"1.5", SYNCLINE_NUMBER, 0, 1.5, "", 0},
        {R"("a text that is longer than what lies inside of a value")", SYNCLINE_STRING, 0, 0,
         "a text that is longer than what lies inside of a value", 0},
        {"[1,2]", SYNCLINE_ARRAY, 0, 0, "", 2},
        {R"({"a":1})", SYNCLINE_OBJECT, 0, 0, "", 1},
    };
    for (const Reading& one : readings) {
        const json::Value value = parsed(one.json);
        const syncline_value* handle = toHandle(&value);
        EXPECT_EQ(kValueTable.type(handle), one.type) << one.json;
        EXPECT_EQ(kValueTable.boolean(handle), one.boolean) << one.json;
        EXPECT_EQ(kValueTable.number(handle), one.number) << one.json;
        EXPECT_EQ(textOf(kValueTable.string(handle)), one.string) << one.json;
        EXPECT_EQ(kValueTable.count(handle), one.count) << one.json;
    }
}

TEST(ValueTable, FindsMembersAndElements) {
    const json::Value value = parsed(R"({"a":[10,20],"b":null})");
    const syncline_value* object = toHandle(&value);
    const syncline_value* array = kValueTable.member(object, toText("a"));
    ASSERT_NE(array, nullptr);
    EXPECT_EQ(kValueTable.number(kValueTable.at(array, 1, nullptr)), 20);
    EXPECT_NE(kValueTable.member(object, toText("b")), nullptr);
    EXPECT_EQ(kValueTable.member(object, toText("c")), nullptr);
    EXPECT_EQ(kValueTable.member(array, toText("a")), nullptr);
    syncline_text name = {};
    EXPECT_EQ(kValueTable.type(kValueTable.at(object, 1, &name)), SYNCLINE_NULL);
    EXPECT_EQ(textOf(name), "b");
}

TEST(ValueTable, WalksAnObjectWithGapsInItsOrder) {
    json::Value object = json::Value::object();
    for (int i = 0; i < 100; ++i) object.set("key" + std::to_string(i), i);
    for (int i = 0; i < 40; ++i) object.erase("key" + std::to_string(2 * i + 1));
    const syncline_value* handle = toHandle(&object);
    std::size_t index = 0;
    for (const json::Member& member : object.members()) {
        syncline_text name = {};
        const syncline_value* value = kValueTable.at(handle, index++, &name);
        EXPECT_EQ(textOf(name), member.key());
        EXPECT_EQ(kValueTable.number(value), member.value.asNumber());
    }
    EXPECT_EQ(index, 60U);
    // Backwards and all over, too.
    EXPECT_EQ(kValueTable.number(kValueTable.at(handle, 59, nullptr)), 99);
    EXPECT_EQ(kValueTable.number(kValueTable.at(handle, 0, nullptr)), 0);
    EXPECT_EQ(kValueTable.number(kValueTable.at(handle, 1, nullptr)), 2);
}

TEST(ValueTable, ForgetsWhereItWalkedWhenAPluginIsEnteredAgain) {
    World world;
    Script script;
    Made made(world, script, kHandlerComponent);
    json::Value object = json::Value::object();
    for (int i = 0; i < 40; ++i) object.set("key" + std::to_string(i), i);
    object.erase("key0");
    const auto read = [&](std::size_t index) {
        return callPlugin(made.instance, "read", 0.0, [&] {
            return kValueTable.number(kValueTable.at(toHandle(&object), index, nullptr));
        });
    };
    EXPECT_EQ(read(4), 5);
    object.erase("key1");
    object.set("key0", 0);  // as many members as before
    EXPECT_EQ(read(5), 7);
}

TEST(ValueTable, WritesAsMuchTextAsThereIsRoomFor) {
    const json::Value value = parsed(R"({"a":"bc"})");
    char buffer[4] = {'-', '-', '-', '-'};
    EXPECT_EQ(kValueTable.serialize(toHandle(&value), buffer, 3), 10U);
    EXPECT_EQ(std::string(buffer, 4), "{\"a-");
    EXPECT_EQ(kValueTable.serialize(toHandle(&value), nullptr, 0), 10U);
}

TEST(ValueTable, ComparesAsJson) {
    const json::Value one = parsed(R"({"a":1,"b":2})");
    const json::Value same = parsed(R"({"b":2,"a":1})");
    const json::Value other = parsed(R"({"b":2,"a":2})");
    EXPECT_EQ(kValueTable.equal(toHandle(&one), toHandle(&same)), 1);
    EXPECT_EQ(kValueTable.equal(toHandle(&one), toHandle(&other)), 0);
}

TEST(ValueTable, AnswersZeroToMisuseAndHoldsItAgainstThePlugin) {
    World world;
    Script script;
    Made made(world, script, kHandlerComponent);
    const json::Value array = parsed("[1]");
    const std::vector<std::function<void()>> misuses = {
        [] { EXPECT_EQ(kValueTable.type(nullptr), SYNCLINE_NULL); },
        [] { EXPECT_EQ(kValueTable.boolean(nullptr), 0); },
        [] { EXPECT_EQ(kValueTable.number(nullptr), 0); },
        [] { EXPECT_EQ(kValueTable.string(nullptr).size, 0U); },
        [] { EXPECT_EQ(kValueTable.count(nullptr), 0U); },
        [] { EXPECT_EQ(kValueTable.member(nullptr, toText("a")), nullptr); },
        [] { EXPECT_EQ(kValueTable.at(nullptr, 0, nullptr), nullptr); },
        [] { EXPECT_EQ(kValueTable.equal(nullptr, nullptr), 0); },
        [] { EXPECT_EQ(kValueTable.serialize(nullptr, nullptr, 0), 0U); },
        [&] { EXPECT_EQ(kValueTable.at(toHandle(&array), 1, nullptr), nullptr); },
        [&] {
            EXPECT_EQ(kValueTable.at(kValueTable.at(toHandle(&array), 0, nullptr), 0, nullptr),
                      nullptr);
        },
    };
    for (std::size_t i = 0; i < misuses.size(); ++i) {
        callPlugin(made.instance, "test", misuses[i]);
        EXPECT_EQ(made.instance.conduct().misbehaviours(), i + 1);
    }
    // On a thread that is in no plugin there is nobody to blame, and nothing breaks.
    EXPECT_EQ(kValueTable.number(nullptr), 0);
}

}  // namespace
}  // namespace syncline::bridge::tests
