// SPDX-License-Identifier: Apache-2.0
#include "session/answer_text.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace syncline::session {
namespace {

TEST(AnswerTextTest, PutsTypeAndIdBeforeTheMembersOfTheBody) {
    const json::Value body = *json::parse(R"({"type":"x","re":9,"a":1,"b":"c"})");
    std::string text;
    appendAnswer(text, "pong", json::Value(4), &body);
    EXPECT_EQ(text, R"({"type":"pong","re":4,"a":1,"b":"c"})");
}

TEST(AnswerTextTest, SplicesAnIdIntoABodyThatIsTextAlready) {
    std::string body = R"({"type":"ack","n":1})";
    spliceId(body, json::Value("a\"b"));
    EXPECT_EQ(body, R"({"re":"a\"b","type":"ack","n":1})");
    spliceId(body, json::Value());
    EXPECT_EQ(body, R"({"re":"a\"b","type":"ack","n":1})");
}

TEST(AnswerTextTest, KnowsAPlainAcknowledgement) {
    EXPECT_TRUE(isPlainAck(R"({"type":"ack","n":1})"));
    EXPECT_FALSE(isPlainAck(R"({"type":"conflict","n":1})"));
}

TEST(AnswerTextTest, KnowsAnError) {
    EXPECT_TRUE(isError(R"({"type":"error","code":1})"));
    EXPECT_FALSE(isError(R"({"type":"ack","n":1})"));
}

TEST(AnswerTextTest, ASignalSaysWhereAndWhoBeforeTheMembersOfItsBody) {
    const json::Value body = *json::parse(R"({"type":"x","user":"eve","a":1})");
    EXPECT_EQ(signalText("told", "c", {"ann", "secret", "tag"}, &body),
              R"({"type":"told","channel":"c","user":"ann","origin":"tag","a":1})");
    EXPECT_EQ(signalText("told", "", {"ann", "secret", "tag"}, nullptr),
              R"({"type":"told","user":"ann","origin":"tag"})");
}

}  // namespace
}  // namespace syncline::session
