// SPDX-License-Identifier: Apache-2.0
// The strategies about values of one sort: counter, max, min, append_only, state_machine.
#include "unit/plugins_conflict/script.h"

namespace syncline::tests {
namespace {

class CounterTest : public testing::TestWithParam<Script> {};
TEST_P(CounterTest, Holds) {
    expectTold({"counter", PLUGIN_COUNTER, true}, GetParam());
}

const std::vector<Script> kCounter = {
    {"IncrementsAddUp",
     "{}",
     {{"ann", "@0 increment /n 2", R"(applied {"n":2})"},
      {"bob", "@0 increment /n 3", R"(applied {"n":5})"},
      {"ann", "@0 increment /n -1", R"(applied {"n":4})"}}},
    {"BeyondABoundIsRefused",
     R"({"min":0,"max":10})",
     {{"ann", "increment /n 9", R"(applied {"n":9})"},
      {"bob", "increment /n 2", "1212 /n"},
      {"bob", "increment /n -10", "1212 /n"},
      {"bob", "increment /n 1", R"(applied {"n":10})"}}},
    {"OrClamped",
     R"({"min":0,"max":10,"beyond":"clamp"})",
     {{"ann", "increment /n 9", R"(applied {"n":9})"},
      {"bob", "increment /n 2", R"(merged {"n":10})"},
      {"bob", "increment /n 2", R"(merged {"n":10})"},
      {"ann", "increment /n -50", R"(merged {"n":0})"}}},
    {"AWrittenNumberIsANewStart",
     R"({"max":10})",
     {{"ann", "increment /n 4", R"(applied {"n":4})"},
      {"bob", "@1 merge {\"n\":7}", R"(applied {"n":7})"},
      {"ann", "@1 increment /n 1", R"(applied {"n":8})"},
      {"ann", "@3 merge {\"n\":11}", "1212 /n"}}},
    {"AWrittenNumberIsClampedToo",
     R"({"max":10,"beyond":"clamp"})",
     {{"ann", "merge {\"n\":11}", R"(merged {"n":10})"}}},
    {"ANumberWrittenOverWhatOthersCountedIsAConflict",
     "{}",
     {{"ann", "increment /n 4", R"(applied {"n":4})"},
      {"bob", "@0 merge {\"n\":7}", "conflict /n"},
      {"bob", "@0 merge {\"n\":4}", R"(applied {"n":4})"}}},
    {"OnlyANumberCounts",
     "{}",
     {{"ann", "set {\"n\":1,\"t\":\"x\"}", R"(applied {"n":1,"t":"x"})"},
      {"ann", "merge {\"n\":\"x\"}", "1212 /n"},
      {"ann", "merge {\"t\":\"y\"}", R"(applied {"n":1,"t":"y"})"},
      {"ann", "increment /t 1", "1205"},
      {"ann", "merge {\"n\":null}", R"(applied {"t":"y"})"},
      {"ann", "increment /n 1", R"(applied {"n":1,"t":"y"})"}}},
    {"NumbersOfAWholeRecordHaveTheBounds",
     R"({"max":10})",
     {{"ann", "set {\"a\":1,\"deep\":{\"b\":11}}", "1212 the record"},
      {"ann", "set {\"a\":1,\"deep\":{\"b\":10}}", R"(applied {"a":1,"deep":{"b":10}})"}}},
    {"WithBoundsNotWithinAnArray",
     R"({"max":10})",
     {{"ann", "set {\"l\":[1]}", R"(applied {"l":[1]})"}, {"ann", "increment /l/0 1", "1212 /l"}}},
    {"ARuleForAPathSeesItInAWholeRecord",
     R"({"max":10,"beyond":"clamp"})",
     {{"ann", "set {\"n\":30,\"m\":30}", R"(merged {"m":30,"n":10})"},
      {"ann", "delete", "applied -"}},
     "/n"},
};
INSTANTIATE_TEST_SUITE_P(All, CounterTest, testing::ValuesIn(kCounter),
                         [](const auto& test) { return test.param.claim; });

class MaxTest : public testing::TestWithParam<Script> {};
TEST_P(MaxTest, Holds) {
    expectTold({"max", PLUGIN_MAX, true}, GetParam());
}

const std::vector<Script> kMax = {
    {"TheLargerNumberStands",
     "{}",
     {{"ann", "merge {\"n\":5}", R"(applied {"n":5})"},
      {"bob", "merge {\"n\":3}", R"(merged {"n":5})"},
      {"bob", "merge {\"n\":5}", R"(applied {"n":5})"},
      {"bob", "@0 merge {\"n\":8}", R"(applied {"n":8})"}}},
    {"AnIncrementOnlyUp",
     "{}",
     {{"ann", "merge {\"n\":5}", R"(applied {"n":5})"},
      {"bob", "increment /n -1", R"(merged {"n":5})"},
      {"bob", "increment /n 1", R"(applied {"n":6})"}}},
    {"TextsByTheirBytes",
     "{}",
     {{"ann", "merge {\"at\":\"2026-01-02\"}", R"(applied {"at":"2026-01-02"})"},
      {"bob", "merge {\"at\":\"2025-12-31\"}", R"(merged {"at":"2026-01-02"})"},
      {"bob", "merge {\"at\":\"2026-01-03\"}", R"(applied {"at":"2026-01-03"})"}}},
    {"WhatHasNoOrderIsRefused",
     "{}",
     {{"ann", "set {\"n\":5,\"b\":true,\"l\":[1],\"z\":null}",
       R"(applied {"b":true,"l":[1],"n":5,"z":null})"},
      {"bob", "merge {\"n\":\"6\"}", "1212 /n"},
      {"bob", "merge {\"b\":false}", "1212 /b"},
      {"bob", "merge {\"l\":[2]}", "1212 /l"},
      {"bob", "merge {\"z\":1}", "1212 /z"}}},
    {"RemovalIsRefused",
     "{}",
     {{"ann", "merge {\"n\":5}", R"(applied {"n":5})"},
      {"bob", "merge {\"n\":null}", "1212 /n"},
      {"bob", "delete", "1212 the record"},
      {"bob", "set {}", "1212 the record"}}},
    {"OrAllowed",
     R"({"removal":"allow"})",
     {{"ann", "merge {\"n\":5}", R"(applied {"n":5})"},
      {"bob", "merge {\"n\":null}", "applied {}"},
      {"bob", "merge {\"n\":4}", R"(applied {"n":4})"},
      {"bob", "delete", "applied -"}}},
    {"ObjectsMemberByMember",
     "{}",
     {{"ann", "set {\"a\":5,\"o\":{\"b\":5}}", R"(applied {"a":5,"o":{"b":5}})"},
      {"bob", "set {\"a\":4,\"o\":{\"b\":6,\"c\":1}}", R"(merged {"a":5,"o":{"b":6,"c":1}})"}}},
    {"WhatTheAuthorNeverSawIsNotRemoved",
     "{}",
     {{"ann", "set {\"a\":5}", R"(applied {"a":5})"},
      {"bob", "merge {\"b\":1}", R"(applied {"a":5,"b":1})"},
      {"ann", "@1 set {\"a\":6}", R"(merged {"a":6,"b":1})"}}},
};
INSTANTIATE_TEST_SUITE_P(All, MaxTest, testing::ValuesIn(kMax),
                         [](const auto& test) { return test.param.claim; });

TEST(Min, IsTheOtherWayRound) {
    expectTold({"min", PLUGIN_MIN, true},
               {"",
                "{}",
                {{"ann", "merge {\"n\":5,\"t\":\"b\"}", R"(applied {"n":5,"t":"b"})"},
                 {"bob", "merge {\"n\":6}", R"(merged {"n":5,"t":"b"})"},
                 {"bob", "merge {\"n\":4,\"t\":\"c\"}", R"(merged {"n":4,"t":"b"})"},
                 {"bob", "increment /n -3", R"(applied {"n":1,"t":"b"})"},
                 {"bob", "increment /n 3", R"(merged {"n":1,"t":"b"})"}}});
}

class AppendOnlyTest : public testing::TestWithParam<Script> {};
TEST_P(AppendOnlyTest, Holds) {
    expectTold({"append_only", PLUGIN_APPEND_ONLY, true}, GetParam());
}

const std::vector<Script> kAppendOnly = {
    {"WhatIsNewStands",
     "{}",
     {{"ann", "merge {\"a\":1}", R"(applied {"a":1})"},
      {"bob", "@0 merge {\"b\":1}", R"(applied {"a":1,"b":1})"}}},
    {"WhatIsThereIsNeitherChangedNorRemoved",
     "{}",
     {{"ann", "merge {\"a\":1,\"z\":null}", R"(applied {"a":1})"},
      {"ann", "merge {\"a\":{\"b\":1}}", "1212 /a"},
      {"ann", "merge {\"a\":2}", "1212 /a"},
      {"ann", "merge {\"a\":1}", R"(applied {"a":1})"},
      {"ann", "merge {\"a\":null}", "1212 /a"},
      {"ann", "increment /a 1", "1212 /a"},
      {"ann", "increment /n 1", R"(applied {"a":1,"n":1})"},
      {"ann", "delete", "1212 the record"},
      {"ann", "set {\"a\":1}", "1212 the record"},
      {"ann", "set {\"a\":1,\"n\":1,\"x\":null}", R"(applied {"a":1,"n":1,"x":null})"},
      {"ann", "patch [{\"op\":\"replace\",\"path\":\"/x\",\"value\":1}]", "1212 /x"}}},
    {"ArraysGrowAtTheirEnd",
     "{}",
     {{"ann", "set {\"l\":[1]}", R"(applied {"l":[1]})"},
      {"ann", "merge {\"l\":[1,2]}", R"(applied {"l":[1,2]})"},
      {"ann", "merge {\"l\":[0,1,2]}", "1212 /l"},
      {"ann", "patch [{\"op\":\"add\",\"path\":\"/l/-\",\"value\":3}]", R"(applied {"l":[1,2,3]})"},
      {"ann", "patch [{\"op\":\"add\",\"path\":\"/l/0\",\"value\":0}]", "1212 /l"}}},
    {"WhatTwoAppendedStands",
     "{}",
     {{"ann", "set {\"l\":[1]}", R"(applied {"l":[1]})"},
      {"bob", "@1 merge {\"l\":[1,2]}", R"(applied {"l":[1,2]})"},
      {"ann", "@1 merge {\"l\":[1,3]}", R"(merged {"l":[1,2,3]})"},
      {"cid", "@1 merge {\"l\":[1,3]}", R"(merged {"l":[1,2,3]})"}}},
    {"ASetTakesElementsAndLosesNone",
     "{}",
     {{"ann", "add /t 1", R"(applied {"t":[1]})"},
      {"bob", "@0 add /t 2", R"(applied {"t":[1,2]})"},
      {"bob", "remove /t 1", "1212 /t"},
      {"bob", "remove /t 9", R"(applied {"t":[1,2]})"}}},
    {"AListTakesElementsAndLosesNone",
     "{}",
     {{"ann", "insert /l a {\"v\":1}", R"(applied {"l":[{"id":"a","v":1}]})"},
      {"bob", "insert /l a {\"v\":2}", "1212 /l/a"},
      {"bob", "erase /l a", "1212 /l/a"},
      {"bob", "move /l a null", "1212 /l/a"},
      {"bob", "erase /l b", R"(applied {"l":[{"id":"a","v":1}]})"}}},
    {"WhatTheAuthorNeverSawIsNotMissing",
     "{}",
     {{"ann", "set {\"a\":1}", R"(applied {"a":1})"},
      {"bob", "@1 merge {\"b\":1}", R"(applied {"a":1,"b":1})"},
      {"ann", "@1 set {\"a\":1,\"c\":1}", R"(merged {"a":1,"b":1,"c":1})"}}},
};
INSTANTIATE_TEST_SUITE_P(All, AppendOnlyTest, testing::ValuesIn(kAppendOnly),
                         [](const auto& test) { return test.param.claim; });

constexpr const char* kStates =
    R"({"transitions":{"draft":["review"],"review":["draft","published"],"published":[]},
        "initial":["draft"]})";
constexpr const char* kAnyStart =
    R"({"transitions":{"on":["off"],"off":["on"]},"removal":"allow"})";

class StateMachineTest : public testing::TestWithParam<Script> {};
TEST_P(StateMachineTest, Holds) {
    expectTold({"state_machine", PLUGIN_STATE_MACHINE, true}, GetParam());
}

const std::vector<Script> kStateMachine = {
    {"GoesOnlyWhereTheTableLetsIt",
     kStates,
     {{"ann", "merge {\"s\":\"review\"}", "1212 /s"},
      {"ann", "merge {\"s\":\"draft\"}", R"(applied {"s":"draft"})"},
      {"ann", "merge {\"s\":\"published\"}", "1212 /s"},
      {"ann", "merge {\"s\":{\"x\":\"draft\"}}", "1212 /s"},
      {"ann", "merge {\"s\":\"review\"}", R"(applied {"s":"review"})"},
      {"ann", "merge {\"s\":\"review\"}", R"(applied {"s":"review"})"},
      {"ann", "merge {\"s\":\"published\"}", R"(applied {"s":"published"})"},
      {"ann", "merge {\"s\":\"draft\"}", "1212 /s"},
      {"ann", "merge {\"s\":\"nowhere\"}", "1212 /s"},
      {"ann", "merge {\"s\":7}", "1212 /s"},
      {"ann", "merge {\"s\":null}", "1212 /s"}}},
    {"WhereItIsCountsAndNotWhereItWasSeen",
     kStates,
     {{"ann", "merge {\"s\":\"draft\"}", R"(applied {"s":"draft"})"},
      {"ann", "merge {\"s\":\"review\"}", R"(applied {"s":"review"})"},
      {"bob", "@1 merge {\"s\":\"published\"}", R"(applied {"s":"published"})"},
      {"ann", "@2 merge {\"s\":\"draft\"}", "1212 /s"}}},
    {"WithoutInitialStatesAnyBegins",
     kAnyStart,
     {{"ann", "merge {\"s\":\"off\"}", R"(applied {"s":"off"})"},
      {"ann", "merge {\"s\":null}", "applied {}"},
      {"ann", "merge {\"s\":\"on\"}", R"(applied {"s":"on"})"},
      {"ann", "delete", "applied -"}}},
    {"ARuleForAPathLeavesTheRestAlone",
     kStates,
     {{"ann", "set {\"s\":\"draft\",\"t\":1}", R"(applied {"s":"draft","t":1})"},
      {"ann", "merge {\"t\":2}", R"(applied {"s":"draft","t":2})"},
      {"ann", "set {\"s\":\"published\",\"t\":3}", "1212 /s"},
      {"ann", "delete", "1212 /s"}},
     "/s"},
};
INSTANTIATE_TEST_SUITE_P(All, StateMachineTest, testing::ValuesIn(kStateMachine),
                         [](const auto& test) { return test.param.claim; });

TEST(StateMachine, NamesBothStates) {
    Room room({"state_machine", PLUGIN_STATE_MACHINE, true, kStates, "/s"});
    room.send("ann", members("merge {\"s\":\"draft\"}"));
    room.send("ann", members("merge {\"s\":\"published\"}"));
    const json::Value told = read("{" + room.lastVerdict().extra + "}");
    EXPECT_EQ(
        canonical(*told.find("detail")),
        R"({"from":"draft","paths":["/s"],"to":"published","value":{"s":"draft"},"version":1})");
    EXPECT_NE(told.find("reason")->asString().find("from \"draft\" to \"published\""),
              std::string::npos);
}

}  // namespace
}  // namespace syncline::tests
