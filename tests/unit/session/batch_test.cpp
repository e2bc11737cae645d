// SPDX-License-Identifier: Apache-2.0
#include "session/batch.h"

#include <gtest/gtest.h>

#include "unit/session/desk.h"

namespace syncline::session::tests {
namespace {

std::string ops(const std::vector<int>& numbers) {
    std::string all;
    for (const int n : numbers)
        all += (all.empty() ? "" : ",") + (R"({"n":)" + std::to_string(n)) +
               R"(,"key":"a","kind":"set","value":)" + std::to_string(n) + "}";
    return R"("ops":[)" + all + "]";
}

std::string batch(const std::string& members, const std::string& id = R"("id":7,)") {
    return R"({"type":"several",)" + id + R"("channel":"room",)" + members + "}";
}

std::vector<std::string> resultsOf(const std::string& acks) {
    const json::Value message = parsed(acks);
    std::vector<std::string> results;
    for (const json::Value& result : message.find("results")->elements())
        results.push_back(json::toText(result));
    return results;
}

TEST(BatchTest, GoesThroughTheStagesOfItsOpsOneAfterTheOther) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->say(batch(ops({1, 2})));
    desk.world.settle();
    ASSERT_EQ(desk.gated.size(), 1U) << "the second waits for the first";
    visit->say(R"({"type":"echo","id":8,"channel":"room"})");
    EXPECT_TRUE(visit->transport.take().empty()) << "what is behind it waits";
    desk.runner->complete(desk.gated[0], pipeline::Outcome::proceed);
    desk.world.settle();
    ASSERT_EQ(desk.gated.size(), 2U);
    EXPECT_TRUE(visit->transport.take().empty());
    desk.runner->complete(desk.gated[1], pipeline::Outcome::proceed);
    desk.world.settle();
    const std::vector<std::string> told = visit->transport.take();
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(member(told[0], "type"), "echoed");
    EXPECT_EQ(member(told[1], "type"), "acks");
    EXPECT_EQ(member(told[1], "re"), "7");
    ASSERT_EQ(resultsOf(told[1]).size(), 2U);
    EXPECT_EQ(member(resultsOf(told[1])[1], "seq"), "2");
}

TEST(BatchTest, AnOpThatAStageRefusesHasItsNumberConsumedAndNoOther) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->say(batch(ops({1, 2})));
    desk.runner->refuse(desk.gated.at(0), core::Error::of(core::Code::forbidden, "not this"));
    desk.world.settle();
    desk.runner->complete(desk.gated.at(1), pipeline::Outcome::proceed);
    desk.world.settle();
    const std::vector<std::string> results = resultsOf(visit->transport.take().at(0));
    EXPECT_EQ(member(results[0], "code"), "1303");
    EXPECT_EQ(member(results[0], "settled"), "true");
    EXPECT_EQ(member(results[1], "seq"), "1");
}

TEST(BatchTest, AStageThatSettlesAnOpByItselfKeepsItOut) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->say(batch(R"("atomic":true,"n":1,)" + ops({1, 2})));
    desk.runner->complete(desk.gated.at(0), pipeline::Outcome::stop);
    desk.world.settle();
    desk.runner->complete(desk.gated.at(1), pipeline::Outcome::proceed);
    desk.world.settle();
    const std::vector<std::string> results = resultsOf(visit->transport.take().at(0));
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(member(results[0], "code"), "1303");
    EXPECT_EQ(member(member(results[0], "detail"), "pointer"), "/ops/0");
}

TEST(BatchTest, OneWhoseTimeIsUpIsNotSubmitted) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->say(batch(ops({1, 2})));
    desk.passMs(2'000);
    EXPECT_EQ(member(visit->transport.take().at(0), "code"), "1002");
    EXPECT_FALSE(desk.runner->complete(desk.gated.at(0), pipeline::Outcome::proceed));
    desk.world.settle();
    EXPECT_EQ(desk.gated.size(), 1U);
    EXPECT_EQ(desk.runner->underWay(), 0U);
    visit->say(R"({"type":"echo","id":8,"channel":"room"})");
    EXPECT_EQ(visit->transport.take().size(), 1U) << "the channel is free";
}

TEST(BatchTest, OfASessionThatGoesLeavesNothingBehind) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->say(batch(ops({1, 2})));
    visit->session->close(CloseCode::noPong, "gone");
    visit.reset();
    EXPECT_FALSE(desk.runner->complete(desk.gated.at(0), pipeline::Outcome::proceed));
    EXPECT_EQ(desk.runner->underWay(), 0U);
    auto again = desk.enter("ann");
    again->say(batch(ops({1})));
    desk.runner->complete(desk.gated.at(1), pipeline::Outcome::proceed);
    again.reset();
    desk.world.settle();  // the answers find nobody
}

TEST(BatchTest, AFinalRefusalOfTheWholeConsumesAllItsNumbers) {
    Desk desk;
    auto visit = desk.enter("ann");
    visit->say(R"({"type":"sealed","id":1,"channel":"room",)" + ops({1, 2}) + "}");
    visit->say(R"({"type":"sealed","id":2,"channel":"room","atomic":true,"n":3,"ops":[]})");
    visit->say(R"({"type":"sealed","id":3,"channel":"room","n":4})");
    desk.world.settle();
    const std::vector<std::string> told = visit->transport.take();
    ASSERT_EQ(told.size(), 3U);
    EXPECT_EQ(member(told[0], "type"), "error") << "no ops, no number of theirs";
    EXPECT_EQ(member(told[0], "settled"), "false");
    for (const std::string& result : resultsOf(told[1]))
        EXPECT_EQ(member(result, "settled"), "true");
    EXPECT_EQ(resultsOf(told[1]).size(), 2U);
    EXPECT_EQ(member(resultsOf(told[2]).at(0), "n"), "3");
}

TEST(BatchTest, AnswersThatAreLongComeInSeveralMessages) {
    Desk desk;
    desk.settings.catchUpRoomBytes = 200;
    auto visit = desk.enter("ann");
    visit->say(batch(ops({1, 2, 3})));
    for (std::size_t i = 0; i < 3; ++i) {
        desk.runner->complete(desk.gated.at(i), pipeline::Outcome::proceed);
        desk.world.settle();
    }
    const std::vector<std::string> told = visit->transport.take();
    ASSERT_EQ(told.size(), 3U);
    EXPECT_EQ(member(told[0], "more"), "true");
    EXPECT_EQ(member(told[2], "more"), "");
    for (const std::string& one : told) EXPECT_EQ(resultsOf(one).size(), 1U);
}

TEST(NumberedOps, AreConsecutive) {
    struct Case {
        const char* message;
        const char* error;  ///< where; "": none
    };
    for (const Case& c : std::initializer_list<Case>{
             {R"({"ops":[{"n":4},{"n":5}]})", ""},
             {R"({"ops":[{"n":4},{"n":4}]})", "/ops/1/n"},
             {R"({"ops":[{"n":0}]})", "/ops/0/n"},
             {R"({"ops":[{}]})", "/ops/0/n"},
             {R"({"ops":["n"]})", "/ops/0/n"},
             {R"({"ops":{}})", "/ops"},
             {R"({"ops":[]})", "/ops"},
             {R"({"ops":[{"n":1},{"n":2},{"n":3},{"n":4}]})", "/ops"},
             {R"({})", "/ops"},
         }) {
        const json::Value message = parsed(c.message);
        const auto found = numberedOps(message, 3);
        EXPECT_EQ(found.has_value(), *c.error == '\0') << c.message;
        if (!found) {
            EXPECT_EQ(member(found.error().detail, "pointer"), c.error) << c.message;
        }
    }
}

}  // namespace
}  // namespace syncline::session::tests
