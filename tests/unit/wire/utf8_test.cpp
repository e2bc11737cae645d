// SPDX-License-Identifier: Apache-2.0
#include "wire/utf8.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "json/utf8.h"

namespace syncline::wire {
namespace {

using namespace std::string_literals;

bool isValid(const std::string& bytes) {
    Utf8Validator validator;
    return validator.feed(bytes) && validator.isComplete();
}

TEST(Utf8Validator, TakesWhatTheStandardAllows) {
    for (const std::string& bytes :
         {""s, "\0"s, "ascii, long enough for the quick path"s, "\x7F"s, "\xC2\x80"s, "\xDF\xBF"s,
          "\xE0\xA0\x80"s, "\xED\x9F\xBF"s, "\xEE\x80\x80"s, "\xEF\xBF\xBF"s, "\xF0\x90\x80\x80"s,
          "\xF4\x8F\xBF\xBF"s,
          "12345678\xC3\xA9"
          "12345678\xE2\x82\xAC"s}) {
        EXPECT_TRUE(isValid(bytes)) << bytes;
    }
}

TEST(Utf8Validator, RefusesWhatTheStandardRefuses) {
    for (const std::string& bytes :
         {"\x80"s, "\xBF"s, "\xC0\x80"s, "\xC1\xBF"s, "\xE0\x9F\xBF"s, "\xED\xA0\x80"s,
          "\xED\xBF\xBF"s, "\xF0\x8F\xBF\xBF"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFE"s,
          "\xFF"s, "\xC3("s, "\xE2\x82("s, "12345678\xFF"s}) {
        Utf8Validator validator;
        EXPECT_FALSE(validator.feed(bytes)) << ::testing::PrintToString(bytes);
    }
}

TEST(Utf8Validator, KnowsThatACharacterIsUnfinished) {
    for (const std::string& bytes : {"\xC3"s, "\xE2\x82"s, "\xF0\x9F\x98"s, "text\xE2"s}) {
        Utf8Validator validator;
        EXPECT_TRUE(validator.feed(bytes));
        EXPECT_FALSE(validator.isComplete());
    }
}

TEST(Utf8Validator, FailsAtTheFirstByteThatCannotBeRight) {
    Utf8Validator validator;
    EXPECT_TRUE(validator.feed("\xED"));
    EXPECT_FALSE(validator.feed("\xA0")) << "a surrogate shows in its second byte";
}

TEST(Utf8Validator, AgreesWithTheValidatorOfWholeTexts) {
    std::mt19937 random(3);
    const std::string alphabet =
        "a\x7F\x80\x8F\x90\x9F\xA0\xBF\xC1\xC2\xDF\xE0\xED\xEF\xF0\xF4\xF5";
    int valid = 0;
    for (int i = 0; i < 100'000; ++i) {
        std::string bytes;
        for (std::size_t n = random() % 6; n > 0; --n)
            bytes += alphabet[random() % alphabet.size()];
        const std::size_t cut = random() % (bytes.size() + 1);
        Utf8Validator validator;
        const bool taken = validator.feed(bytes.substr(0, cut)) &&
                           validator.feed(bytes.substr(cut)) && validator.isComplete();
        ASSERT_EQ(taken, json::isUtf8(bytes)) << ::testing::PrintToString(bytes);
        valid += taken;
    }
    EXPECT_GT(valid, 100) << "the comparison saw both kinds";
}

TEST(Utf8Prefix, EndsBetweenCharacters) {
    EXPECT_EQ(utf8Prefix("abc", 5), "abc");
    EXPECT_EQ(utf8Prefix("abc", 2), "ab");
    EXPECT_EQ(utf8Prefix("a\u20acb", 3), "a");
    EXPECT_EQ(utf8Prefix("a\u20acb", 4), "a\u20ac");
    EXPECT_EQ(utf8Prefix("\u20ac", 0), "");
}

}  // namespace
}  // namespace syncline::wire
