// SPDX-License-Identifier: Apache-2.0
#include "json/canonical.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "json/parse.h"

namespace syncline::json {
namespace {

std::string jcs(const Value& value) {
    std::string text;
    writeJcs(value, text);
    return text;
}

// RFC 8785, appendix B: the bits of a double and its text.
TEST(Canonical, NumbersAreThoseOfTheStandardsAppendix) {
    const std::vector<std::pair<std::uint64_t, std::string>> cases = {
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
    };
    for (const auto& [bits, text] : cases)
        EXPECT_EQ(jcs(Value(std::bit_cast<double>(bits))), text) << std::hex << bits;
}

TEST(Canonical, MembersStandInTheOrderOfTheirUtf16) {
    // U+1F600 is D83D DE00 in UTF-16, and so in front of U+FB33, behind which it stands in UTF-8.
    const auto value = parse(
        "{\"\xef\xac\xb3\":1,\"\xf0\x9f\x98\x80\":2,\"b\":3,\"ab\":4,\"a\":5,\"\xe2\x82\xac\":6,"
        "\"\xed\x9f\xbf\":7,\"\xee\x80\x80\":8,\"\":9}");
    ASSERT_TRUE(value);
    EXPECT_EQ(jcs(*value),
              "{\"\":9,\"a\":5,\"ab\":4,\"b\":3,\"\xe2\x82\xac\":6,\"\xed\x9f\xbf\":7,"
              "\"\xf0\x9f\x98\x80\":2,\"\xee\x80\x80\":8,\"\xef\xac\xb3\":1}");
}

TEST(Canonical, EverythingElseIsAsJsonWritesIt) {
    const auto value =
        parse(R"({"s":"\u0001\n\"\\\/\u20ac","a":[null,true,false,[],{}],"o":{"y":1,"x":-0.0}})");
    ASSERT_TRUE(value);
    EXPECT_EQ(jcs(*value),
              "{\"a\":[null,true,false,[],{}],\"o\":{\"x\":0,\"y\":1},"
              "\"s\":\"\\u0001\\n\\\"\\\\/\xe2\x82\xac\"}");
}

}  // namespace
}  // namespace syncline::json
