// SPDX-License-Identifier: Apache-2.0
#include "json/value.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "unit/json/support.h"

namespace syncline::json {
namespace {

using tests::json;

static_assert(!std::is_copy_constructible_v<Value> && !std::is_copy_assignable_v<Value>);
static_assert(std::is_nothrow_move_constructible_v<Value>);
static_assert(std::is_nothrow_move_assignable_v<Value>);

std::vector<std::string> keysOf(const Value& object) {
    std::vector<std::string> keys;
    for (const Member& member : object.members()) keys.emplace_back(member.key());
    return keys;
}

TEST(Value, IsWhatItWasMadeOf) {
    EXPECT_TRUE(Value().isNull());
    EXPECT_TRUE(Value::null().isNull());
    EXPECT_TRUE(Value(true).asBool());
    EXPECT_FALSE(Value(false).asBool());
    EXPECT_EQ(Value(1.5).asNumber(), 1.5);
    EXPECT_EQ(Value(7).asNumber(), 7);
    EXPECT_EQ(Value(std::uint64_t{7}).asNumber(), 7);
    EXPECT_EQ(Value("text").asString(), "text");
    EXPECT_EQ(Value(std::string("text")).asString(), "text");
    EXPECT_TRUE(Value::array().isArray());
    EXPECT_TRUE(Value::object().isObject());
    EXPECT_TRUE(Value::array().empty());
    EXPECT_EQ(Value("text").size(), 0u);
}

TEST(Value, KeepsStringsOfAnyLengthAndContent) {
    for (std::size_t length = 0; length < 40; ++length) {
        std::string text(length, 'x');
        if (length > 2) text[length / 2] = '\0';
        Value value(text);
        EXPECT_EQ(value.asString(), text);
        EXPECT_EQ(value.clone().asString(), text);
        EXPECT_EQ(value.bytes() > 0, length > 14) << "up to 14 bytes lie inside";
        const Value moved = std::move(value);
        EXPECT_EQ(moved.asString(), text);
    }
    EXPECT_EQ(Value(std::string_view()).asString(), "");
}

TEST(Value, IsNullAfterItWasMovedFrom) {
    for (const char* text : {"true", "1", "\"short\"", "\"a string on the heap\"", "[1]", "{}"}) {
        Value value = json(text);
        const Value moved(std::move(value));
        EXPECT_TRUE(value.isNull());  // NOLINT(bugprone-use-after-move): that is the claim
        EXPECT_EQ(moved, json(text));
    }
}

TEST(Value, MayBeReplacedByAPartOfItself) {
    Value array = json(R"([[1,[2]],"a long string of the rest"])");
    array = std::move(array[0]);
    EXPECT_EQ(array, json("[1,[2]]"));

    Value object = json(R"({"a":{"b":{"c":"a string on the heap"}}})");
    object = std::move(*object.find("a"));
    EXPECT_EQ(object, json(R"({"b":{"c":"a string on the heap"}})"));

    Value& self = object;
    object = std::move(self);
    EXPECT_EQ(object, json(R"({"b":{"c":"a string on the heap"}})"));
}

TEST(Value, ToIntegerTakesOnlyWhatIsExactlyOne) {
    EXPECT_EQ(Value(0).toInteger(), 0);
    EXPECT_EQ(Value(-0.0).toInteger(), 0);
    EXPECT_EQ(Value(kIntegerMax).toInteger(), kIntegerMax);
    EXPECT_EQ(Value(-kIntegerMax).toInteger(), -kIntegerMax);
    EXPECT_EQ(Value(kIntegerMax + 1).toInteger(), std::nullopt);
    EXPECT_EQ(Value(0.5).toInteger(), std::nullopt);
    EXPECT_EQ(Value(1e300).toInteger(), std::nullopt);
    EXPECT_EQ(Value(std::numeric_limits<double>::quiet_NaN()).toInteger(), std::nullopt);
    EXPECT_EQ(Value("1").toInteger(), std::nullopt);
    EXPECT_EQ(Value().toInteger(), std::nullopt);
}

TEST(ValueArray, InsertsErasesAndPushes) {
    Value array = Value::array();
    array.push(2);
    array.insert(0, "first");
    array.insert(2, Value::array());
    EXPECT_EQ(array, json(R"(["first",2,[]])"));
    array.erase(1);
    EXPECT_EQ(array, json(R"(["first",[]])"));
    array[1].push(true);
    EXPECT_EQ(array, json(R"(["first",[true]])"));
    array.erase(0);
    array.erase(0);
    EXPECT_TRUE(array.empty());
    EXPECT_EQ(array, Value::array());
}

TEST(ValueArray, GivesMemoryBackWhenMostOfItIsErased) {
    Value array = Value::array();
    for (int i = 0; i < 1000; ++i) array.push(i);
    const std::size_t full = array.bytes();
    while (array.size() > 10) array.erase(array.size() - 1);
    EXPECT_LT(array.bytes() * 10, full);
    EXPECT_EQ(array[9], Value(9));
}

TEST(ValueObject, KeepsTheOrderInWhichMembersWereAdded) {
    Value object = Value::object();
    object.set("z", 1);
    object.set("a", 2);
    object.set("m", 3);
    object.set("z", 4);
    EXPECT_EQ(keysOf(object), (std::vector<std::string>{"z", "a", "m"}));
    EXPECT_EQ(*object.find("z"), Value(4));
    EXPECT_TRUE(object.erase("a"));
    EXPECT_FALSE(object.erase("a"));
    object.set("a", 5);
    EXPECT_EQ(keysOf(object), (std::vector<std::string>{"z", "m", "a"}));
}

TEST(ValueObject, FindsNothingInWhatIsNoObject) {
    for (const char* text : {"null", "1", "\"a\"", "[{\"a\":1}]", "{}"}) {
        const Value value = json(text);
        EXPECT_EQ(value.find("a"), nullptr);
        EXPECT_EQ(value.find("0"), nullptr);
        EXPECT_EQ(keysOf(value).size(), 0u);
    }
}

TEST(ValueObject, KeysAreBytesOfAnyKind) {
    Value object = Value::object();
    const std::string withNul("a\0b", 3);
    object.set(withNul, 1);
    object.set("a", 2);
    object.set("", 3);
    object.set("Ü", 4);
    EXPECT_EQ(*object.find(withNul), Value(1));
    EXPECT_EQ(*object.find("a"), Value(2));
    EXPECT_EQ(*object.find(""), Value(3));
    EXPECT_EQ(*object.find("Ü"), Value(4));
    EXPECT_EQ(object.find("U\xcc\x88"), nullptr) << "the same letter, other bytes";
}

TEST(ValueObject, MembersMayBeChangedInPlace) {
    Value object = json(R"({"a":1,"b":[2]})");
    for (Member& member : object.members()) member.value = Value(member.key());
    EXPECT_EQ(object, json(R"({"a":"a","b":"b"})"));
}

// The object against a plain list of pairs, over sizes with and without an index and gaps.
TEST(ValueObject, BehavesAsAListOfPairsUnderRandomUse) {
    for (const int keyCount : {4, 16, 20, 40, 300}) {
        tests::RandomValues random(static_cast<std::uint32_t>(keyCount));
        Value object = Value::object();
        std::vector<std::pair<std::string, int>> model;
        for (int step = 0; step < 6000; ++step) {
            const std::string key = "key " + std::to_string(random.below(keyCount));
            const auto there = std::ranges::find(model, key, &std::pair<std::string, int>::first);
            // Long phases of growing, then of shrinking.
            if (random.below(10) < (step / 1000 % 2 == 0 ? 8 : 2)) {
                object.set(key, step);
                if (there == model.end()) {
                    model.emplace_back(key, step);
                } else {
                    there->second = step;
                }
            } else {
                ASSERT_EQ(object.erase(key), there != model.end());
                if (there != model.end()) model.erase(there);
            }
            ASSERT_EQ(object.size(), model.size());
            ASSERT_EQ(object.contains(key),
                      std::ranges::count(model, key, &decltype(model)::value_type::first) == 1);
            if (step % 50 != 0) continue;
            auto expected = model.begin();
            for (const Member& member : object.members()) {
                ASSERT_EQ(member.key(), expected->first);
                ASSERT_EQ(member.value, Value(expected->second));
                ++expected;
            }
            ASSERT_EQ(object, object.clone());
        }
    }
}

TEST(ValueObject, GivesMemoryBackWhenMembersAreErased) {
    Value object = Value::object();
    for (int i = 0; i < 10'000; ++i)
        object.set("member " + std::to_string(i), "a value on the heap");
    const std::size_t full = object.bytes();
    for (int i = 0; i < 9'990; ++i) object.erase("member " + std::to_string(i));
    EXPECT_LT(object.bytes() * 100, full);
    EXPECT_EQ(keysOf(object).front(), "member 9990");
    for (int i = 9'990; i < 10'000; ++i) object.erase("member " + std::to_string(i));
    EXPECT_EQ(object.bytes(), 0u);
    EXPECT_EQ(object, Value::object());
}

TEST(ValueObject, StaysTheSameSizeWhenOneMemberIsReplacedForEver) {
    Value object = json(R"({"cursor":0,"title":"a string on the heap"})");
    const std::size_t before = object.bytes();
    for (int i = 0; i < 100'000; ++i) object.set("cursor", i);
    for (int i = 0; i < 10'000; ++i) object.set("title", "another string on heap");
    EXPECT_LE(object.bytes(), before + 2);
}

TEST(ValueObject, ObjectOfNamesTheFirstKeyThatIsThereTwice) {
    for (const int count : {3, 16, 17, 100}) {
        std::vector<Value> pairs;
        for (int i = 0; i < count; ++i) {
            pairs.emplace_back("key " + std::to_string(i));
            pairs.emplace_back(i);
        }
        pairs.emplace_back("key 1");
        pairs.emplace_back("again");
        const auto object = Value::objectOf(pairs);
        ASSERT_FALSE(object);
        EXPECT_EQ(object.error(), static_cast<std::size_t>(count));
    }
}

TEST(ValueEquality, DependsOnContentAlone) {
    EXPECT_EQ(json(R"({"a":1,"b":[true,null]})"), json(R"({"b":[true,null],"a":1.0})"));
    EXPECT_EQ(Value(0.0), Value(-0.0));
    const char* const different[] = {
        "null", "false",     "true",         "0",
        "1",    "\"\"",      "\"0\"",        "\"a string on the heap\"",
        "[]",   "[0]",       "[0,1]",        "[1,0]",
        "{}",   "{\"a\":0}", "{\"a\":1}",    "{\"b\":0}",
        "[[]]", "[{}]",      "{\"a\":null}", "{\"a\":0,\"b\":0}"};
    for (const char* one : different) {
        for (const char* other : different) {
            EXPECT_EQ(json(one) == json(other), one == other) << one << ' ' << other;
        }
    }
}

TEST(Value, AnArrayOfManyMovesKeepsItsContent) {
    std::vector<Value> values;
    for (int i = 0; i < 1000; ++i)
        values.push_back(Value("a string on the heap " + std::to_string(i)));
    const Value array = Value::arrayOf(values);
    EXPECT_EQ(array.size(), 1000u);
    EXPECT_EQ(array[999].asString(), "a string on the heap 999");
    EXPECT_TRUE(values[999].isNull());
}

TEST(Value, FitsDepthCountsArraysAndObjects) {
    EXPECT_TRUE(json("1").fitsDepth(0));
    EXPECT_FALSE(json("[]").fitsDepth(0));
    EXPECT_TRUE(json("{}").fitsDepth(1));
    EXPECT_TRUE(json(R"([{"a":[]},1])").fitsDepth(3));
    EXPECT_FALSE(json(R"([{"a":[]},1])").fitsDepth(2));
}

TEST(Value, IsDestroyedWithoutDeepRecursion) {
    for (const bool asObjects : {false, true}) {
        Value value;
        for (int i = 0; i < 200'000; ++i) {
            Value outer = asObjects ? Value::object() : Value::array();
            if (asObjects) {
                outer.set("a", std::move(value));
            } else {
                outer.push(std::move(value));
            }
            value = std::move(outer);
        }
    }
}

}  // namespace
}  // namespace syncline::json
