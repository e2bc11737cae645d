// SPDX-License-Identifier: Apache-2.0
#include "jose/json.h"

#include <gtest/gtest.h>

#include <vector>

namespace syncline::jose {
namespace {

TEST(JoseJsonTest, TakesObjectsUpToTheirDepth) {
    const auto nested = [](unsigned depth) {
        return R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
    };
    EXPECT_TRUE(parseObject("{}"));
    EXPECT_TRUE(parseObject(nested(kDepthMax - 1)));
    EXPECT_EQ(parseObject(nested(kDepthMax)).error(), "it is nested too deep");
    EXPECT_TRUE(parseObject(R"( {"a":1,"b":{"a":2}} )"));
}

TEST(JoseJsonTest, ReadsEverySpellingOfANumber) {
    const auto parsed =
        parseObject(R"({"a":[0e66,-0.0e-9,0.1,1700000000.5,9007199254740991,1e3]})");
    ASSERT_TRUE(parsed) << parsed.error();
    std::vector<double> numbers;
    for (const auto& number : (*parsed)["a"].GetArray()) numbers.push_back(number.GetDouble());
    EXPECT_EQ(numbers,
              (std::vector<double>{0, 0, 0.1, 1'700'000'000.5, 9'007'199'254'740'991, 1'000}));
}

TEST(JoseJsonTest, RefusesAMemberTwiceWhereverItIsAndHoweverItIsWritten) {
    for (const char* text : {R"({"a":1,"a":1})", R"({"x":[{"a":1,"b":2,"a":3}]})",
                             R"({"a":1,"\u0061":1})", R"({"":1,"":2})"}) {
        const auto parsed = parseObject(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_NE(parsed.error().find("is there twice"), std::string::npos) << parsed.error();
    }
}

TEST(JoseJsonTest, RefusesWhatIsNoObjectOfJson) {
    for (const std::string& text :
         {std::string(), std::string("[]"), std::string("null"), std::string("{} {}"),
          std::string("{}\0", 3), std::string("{}\0x", 4), std::string("\xef\xbb\xbf{}"),
          std::string("{\"a\":NaN}"), std::string("{\"a\":01}"), std::string("{\"a\":1e400}"),
          std::string("{\"\xff\":1}"), std::string("{\"a\":\"\\udc00\"}"), std::string("{/**/}"),
          std::string("{\"a\":1,}"), std::string("{'a':1}")}) {
        EXPECT_FALSE(parseObject(text)) << text;
    }
}

TEST(JoseJsonTest, QuotesForALogWhatSomebodyElseWrote) {
    EXPECT_EQ(forLog("plain"), "'plain'");
    EXPECT_EQ(forLog("a\nb'c\x1b"), "'a?b?c?'");
    EXPECT_EQ(forLog(std::string(200, 'x')), "'" + std::string(80, 'x') + "…'");
}

}  // namespace
}  // namespace syncline::jose
