// SPDX-License-Identifier: Apache-2.0
#include "wire/message.h"

#include <gtest/gtest.h>

#include <string>

#include "json/write.h"

namespace syncline::wire {
namespace {

using namespace std::string_literals;
using core::Code;

constexpr MessageLimits kLimits{.depthMax = 8, .messagesMax = 3};

Code codeOf(std::string_view frame) {
    const auto messages = parseMessages(frame, kLimits);
    EXPECT_FALSE(messages) << frame;
    return messages ? Code::internal : messages.error().code;
}

TEST(ParseMessages, ReadsTheEnvelopeAndKeepsTheBody) {
    const auto messages =
        parseMessages(R"({"type":"greet","id":7,"channel":"a:b","extra":{"x":[1,2]}})", kLimits);
    ASSERT_TRUE(messages);
    ASSERT_EQ(messages->size(), 1u);
    const ClientMessage& message = messages->front();
    EXPECT_EQ(message.type, "greet");
    EXPECT_EQ(message.id.toInteger(), 7);
    EXPECT_EQ(message.channel, "a:b");
    EXPECT_EQ(json::toText(message.body),
              R"({"type":"greet","id":7,"channel":"a:b","extra":{"x":[1,2]}})");
}

TEST(ParseMessages, TakesAnIdThatIsAString) {
    EXPECT_EQ(parseMessages(R"({"type":"a","id":"x"})", kLimits)->front().id.asString(), "x");
}

TEST(ParseMessages, LeavesOutWhatIsAbsent) {
    const auto messages = parseMessages(R"({"type":"a"})", kLimits);
    EXPECT_TRUE(messages->front().id.isNull());
    EXPECT_EQ(messages->front().channel, "");
}

TEST(ParseMessages, ReadsAnArrayInOrder) {
    const auto messages = parseMessages(R"([{"type":"a"},{"type":"b"},{"type":"c"}])", kLimits);
    ASSERT_TRUE(messages);
    ASSERT_EQ(messages->size(), 3u);
    EXPECT_EQ(messages->at(2).type, "c");
    EXPECT_EQ(parseMessages("[]", kLimits)->size(), 0u);
}

TEST(ParseMessages, SaysWhatIsNotJson) {
    for (const char* frame :
         {"", "x", "{", "1", "\"a\"", "null", "[1]", "[[{}]]", "[{\"type\":\"a\"},2]",
          "{\"type\":\"a\"} {\"type\":\"b\"}", "{\"type\":\"a\",\"type\":\"b\"}",
          "[[[[[[[[[[1]]]]]]]]]]", "{\"type\":\"\xFF\"}"}) {
        EXPECT_EQ(codeOf(frame), Code::notJson) << frame;
    }
}

TEST(ParseMessages, SaysWhichFieldIsWrong) {
    for (const char* frame :
         {"{}", R"({"id":1})", R"({"type":1})", R"({"type":""})", R"({"type":null})",
          R"({"type":"a","id":null})", R"({"type":"a","id":true})", R"({"type":"a","id":[]})",
          R"({"type":"a","channel":1})", R"({"type":"a","channel":null})",
          R"([{"type":"a"},{"type":2}])"}) {
        EXPECT_EQ(codeOf(frame), Code::badField) << frame;
    }
}

TEST(ParseMessages, LimitsTheMessagesOfAFrame) {
    EXPECT_EQ(codeOf(R"([{"type":"a"},{"type":"a"},{"type":"a"},{"type":"a"}])"), Code::tooLarge);
}

TEST(CheckName, TakesNames) {
    for (const std::string& name : {"a"s, "dashboard:sales"s, std::string(255, 'x'),
                                    "\u00e9 \u20ac"s, "a$b"s, " "s, "\u00a0"s, "."s, "a/b"s}) {
        EXPECT_TRUE(checkName(name)) << name;
    }
}

TEST(CheckName, RefusesWhatIsNone) {
    for (const std::string& name :
         {""s, std::string(256, 'x'), "$system"s, "a\nb"s, "\0"s, "a\x1F"s, "\x7F"s, "\u0080"s,
          "a\u009f"s, "\xFF"s, "a\xC3"s, "\xC2"s}) {
        const auto checked = checkName(name);
        ASSERT_FALSE(checked) << ::testing::PrintToString(name);
        EXPECT_EQ(checked.error().code, Code::badName);
    }
}

}  // namespace
}  // namespace syncline::wire
