// SPDX-License-Identifier: Apache-2.0
#include "json/write.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <string_view>

#include "unit/json/support.h"

namespace syncline::json {
namespace {

using tests::json;
using namespace std::string_view_literals;

std::string written(double number) {
    return toText(Value(number));
}

TEST(Write, NumbersAreTheShortestThatReadBackTheSame) {
    const struct {
        double number;
        const char* text;
    } rows[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-42, "-42"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.5, "1.5"},
        {123456789, "123456789"},
        {9007199254740991.0, "9007199254740991"},
        {-9007199254740991.0, "-9007199254740991"},
        {9007199254740992.0, "9.007199254740992e+15"},
        {1e20, "1e+20"},
        {1e300, "1e+300"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(written(row.number), row.text);
        EXPECT_EQ(json(row.text), Value(row.number)) << row.text;
    }
}

TEST(Write, AnyFiniteDoubleReadsBackTheSame) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 100'000; ++i) {
        const auto number = std::bit_cast<double>(random());
        if (!std::isfinite(number)) continue;
        ASSERT_EQ(json(written(number)).asNumber(), number) << written(number);
    }
}

TEST(Write, WhatJsonCannotSayBecomesNull) {
    EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "null");
    EXPECT_EQ(written(-std::numeric_limits<double>::infinity()), "null");
    EXPECT_EQ(written(std::numeric_limits<double>::quiet_NaN()), "null");
}

TEST(Write, EscapesWhatMustBeAndNothingElse) {
    const struct {
        std::string_view plain;
        const char* quoted;
    } rows[] = {
        {""sv, R"("")"},
        {"plain text"sv, R"("plain text")"},
        {"\"\\/"sv, R"("\"\\/")"},
        {"\b\t\n\f\r"sv, R"("\b\t\n\f\r")"},
        {"a\0\x01\x1f b"sv, R"("a\u0000\u0001\u001f b")"},
        {"\x7f"
         "é€🎈"sv,
         "\"\x7f"
         "é€🎈\""},
        {"\"starts and ends\""sv, R"("\"starts and ends\"")"},
    };
    for (const auto& row : rows) {
        std::string out = "before ";
        writeString(row.plain, out);
        EXPECT_EQ(out, "before " + std::string(row.quoted));
        EXPECT_EQ(json(row.quoted).asString(), row.plain);
    }
    for (int byte = 0; byte < 0x20; ++byte) {
        const std::string text(3, static_cast<char>(byte));
        EXPECT_EQ(json(toText(Value(text))).asString(), text) << byte;
    }
}

TEST(Write, AppendsWithoutWhiteSpaceInTheOrderOfTheMembers) {
    std::string out = "event: ";
    write(json(R"( { "z" : [ 1 , [ ] , { } , null ] , "a" : { "b" : true , "c" : false } } )"),
          out);
    EXPECT_EQ(out, R"(event: {"z":[1,[],{},null],"a":{"b":true,"c":false}})");
}

TEST(Write, EveryValueReadsBackEqual) {
    tests::RandomValues random(5);
    std::string out;
    for (int i = 0; i < 5000; ++i) {
        const Value value = random.value();
        out.clear();
        write(value, out);
        const auto back = parse(out);
        ASSERT_TRUE(back) << out << ": " << back.error().reason;
        ASSERT_EQ(*back, value);
        ASSERT_EQ(toText(*back), out);
        ASSERT_EQ(value.clone(), value);
    }
}

TEST(Write, LargeStringsAndManyPiecesStayWhole) {
    Value array = Value::array();
    std::string expected = "[";
    for (int i = 0; i < 300; ++i) {
        const std::string text(static_cast<std::size_t>(i * 7), 'a');
        array.push(text + '\n');
        expected += '"' + text + "\\n\",";
    }
    expected.back() = ']';
    EXPECT_EQ(toText(array), expected);
}

TEST(WriteCanonical, SortsKeysByTheirBytes) {
    std::string out;
    writeCanonical(json(R"({"b":1,"a":{"d":1,"c":2},"ab":3,"":4,"é":5,"A":6,"z":[{"y":1,"x":2}]})"),
                   out);
    EXPECT_EQ(out, R"({"":4,"A":6,"a":{"c":2,"d":1},"ab":3,"b":1,"z":[{"x":2,"y":1}],"é":5})");
}

TEST(WriteCanonical, GivesEqualValuesEqualTexts) {
    tests::RandomValues random(17);
    for (int i = 0; i < 2000; ++i) {
        const Value one = random.object(3, 20);
        // The same members in another order.
        Value other = Value::object();
        std::vector<const Member*> members;
        for (const Member& member : one.members()) members.push_back(&member);
        for (std::size_t k = members.size(); k > 0; --k) {
            other.set(members[k - 1]->key(), members[k - 1]->value.clone());
        }
        ASSERT_EQ(one, other);
        std::string oneText;
        std::string otherText;
        writeCanonical(one, oneText);
        writeCanonical(other, otherText);
        ASSERT_EQ(oneText, otherText);
    }
}

}  // namespace
}  // namespace syncline::json
