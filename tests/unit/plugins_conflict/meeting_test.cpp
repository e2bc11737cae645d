// SPDX-License-Identifier: Apache-2.0
// The strategies about edits that meet: client_wins, delete_wins, edit_revives, json_patch, set,
// list.
#include "unit/plugins_conflict/script.h"

namespace syncline::tests {
namespace {

class ClientWinsTest : public testing::TestWithParam<Script> {};
TEST_P(ClientWinsTest, Holds) {
    expectTold({"client_wins", PLUGIN_CLIENT_WINS, false}, GetParam());
}

const std::vector<Script> kClientWins = {
    {"TheIncomingOpWins",
     "{}",
     {{"ann", "set {\"a\":1,\"b\":1}", R"(applied {"a":1,"b":1})"},
      {"bob", "@1 merge {\"a\":2}", R"(applied {"a":2,"b":1})"},
      {"ann", "@1 merge {\"a\":3}", R"(applied {"a":3,"b":1})"},
      {"bob", "@1 delete", "applied -"}}},
    {"AlsoOverADelete",
     "{}",
     {{"ann", "set {\"a\":1,\"b\":1}", R"(applied {"a":1,"b":1})"},
      {"bob", "delete", "applied -"},
      {"ann", "@1 merge {\"a\":3}", R"(merged {"a":3,"b":1})"}}},
    {"AlsoWithAPatch",
     "{}",
     {{"ann", "set {\"a\":1,\"b\":1}", R"(applied {"a":1,"b":1})"},
      {"bob", "delete", "applied -"},
      {"ann", "@1 patch [{\"op\":\"replace\",\"path\":\"/a\",\"value\":3}]",
       R"(merged {"a":3,"b":1})"}}},
};
INSTANTIATE_TEST_SUITE_P(All, ClientWinsTest, testing::ValuesIn(kClientWins),
                         [](const auto& test) { return test.param.claim; });

TEST(ClientWins, TheOverwrittenValueStaysInTheLog) {
    Room room({"client_wins", PLUGIN_CLIENT_WINS, false});
    room.send("ann", members("set {\"a\":1}"));
    room.send("bob", members("@0 set {\"a\":2}"));
    EXPECT_NE(room.lastEntry().effects[0].undo.find(R"({"a":1})"), std::string::npos);
}

class DeleteWinsTest : public testing::TestWithParam<Script> {};
TEST_P(DeleteWinsTest, Holds) {
    expectTold({"delete_wins", PLUGIN_DELETE_WINS, false}, GetParam());
}

const std::vector<Script> kDeleteWins = {
    {"ADeleteOverAnEdit",
     "{}",
     {{"ann", "set {\"a\":1}", R"(applied {"a":1})"},
      {"bob", "@1 merge {\"a\":2}", R"(applied {"a":2})"},
      {"ann", "@1 delete", "applied -"}}},
    {"AnEditOfWhatIsDeletedIsLost",
     "{}",
     {{"ann", "set {\"a\":1}", R"(applied {"a":1})"},
      {"bob", "@1 delete", "applied -"},
      {"ann", "@1 merge {\"a\":2}", "merged -"},
      {"ann", "@1 increment /a 1", "merged -"},
      {"ann", "@2 merge {\"b\":2}", R"(applied {"b":2})"}}},
    {"OfMembersToo",
     "{}",
     {{"ann", "set {\"o\":{\"x\":1},\"b\":1}", R"(applied {"b":1,"o":{"x":1}})"},
      {"bob", "@1 merge {\"o\":null}", R"(applied {"b":1})"},
      {"ann", "@1 merge {\"o\":{\"x\":2,\"y\":2}}", R"(merged {"b":1})"}}},
    {"NullIsNoDelete",
     "{}",
     {{"ann", "set {\"a\":1}", R"(applied {"a":1})"},
      {"bob", "@1 set {\"a\":null}", R"(applied {"a":null})"},
      {"ann", "@1 merge {\"a\":2}", "conflict /a"}}},
    {"TwoEditsGoToTheOther",
     "{}",
     {{"ann", "set {\"a\":1}", R"(applied {"a":1})"},
      {"bob", "@1 merge {\"a\":2}", R"(applied {"a":2})"},
      {"ann", "@1 merge {\"a\":3}", "conflict /a"}}},
    {"TwoDeletesAreNone",
     "{}",
     {{"ann", "set {\"a\":1}", R"(applied {"a":1})"},
      {"bob", "@1 delete", "applied -"},
      {"ann", "@1 delete", "applied -"}}},
};
INSTANTIATE_TEST_SUITE_P(All, DeleteWinsTest, testing::ValuesIn(kDeleteWins),
                         [](const auto& test) { return test.param.claim; });

class EditRevivesTest : public testing::TestWithParam<Script> {};
TEST_P(EditRevivesTest, Holds) {
    expectTold({"edit_revives", PLUGIN_EDIT_REVIVES, false}, GetParam());
}

const std::vector<Script> kEditRevives = {
    {"AnEditBringsBackTheWholeRecord",
     "{}",
     {{"ann", "set {\"a\":1,\"b\":1}", R"(applied {"a":1,"b":1})"},
      {"bob", "@1 delete", "applied -"},
      {"ann", "@1 merge {\"a\":2}", R"(merged {"a":2,"b":1})"},
      {"cid", "@3 increment /b 4", R"(applied {"a":2,"b":5})"}}},
    {"ADeleteOverAnEditIsLost",
     "{}",
     {{"ann", "set {\"a\":1}", R"(applied {"a":1})"},
      {"bob", "@1 merge {\"a\":2}", R"(applied {"a":2})"},
      {"ann", "@1 delete", R"(merged {"a":2})"},
      {"ann", "@1 merge {\"a\":null}", R"(merged {"a":2})"}}},
    {"OfMembersToo",
     "{}",
     {{"ann", "set {\"o\":{\"x\":1},\"b\":1}", R"(applied {"b":1,"o":{"x":1}})"},
      {"bob", "@1 merge {\"o\":null}", R"(applied {"b":1})"},
      {"ann", "@1 merge {\"o\":{\"x\":2}}", R"(applied {"b":1,"o":{"x":2}})"}}},
    {"TwoEditsGoToTheOther",
     "{}",
     {{"ann", "set {\"a\":1}", R"(applied {"a":1})"},
      {"bob", "@1 merge {\"a\":2}", R"(applied {"a":2})"},
      {"ann", "@1 merge {\"a\":3}", "conflict /a"}}},
};
INSTANTIATE_TEST_SUITE_P(All, EditRevivesTest, testing::ValuesIn(kEditRevives),
                         [](const auto& test) { return test.param.claim; });

class JsonPatchTest : public testing::TestWithParam<Script> {};
TEST_P(JsonPatchTest, Holds) {
    expectTold({"json_patch", PLUGIN_JSON_PATCH, true}, GetParam());
}

const std::vector<Script> kJsonPatch = {
    {"AFailedTestIsAConflictAndNothingIsApplied",
     "{}",
     {{"ann", "set {\"a\":1,\"b\":1}", R"(applied {"a":1,"b":1})"},
      {"bob",
       R"(patch [{"op":"replace","path":"/b","value":2},{"op":"test","path":"/a","value":2}])",
       "conflict /a"},
      {"bob",
       R"(patch [{"op":"test","path":"/a","value":1},{"op":"replace","path":"/b","value":2}])",
       R"(applied {"a":1,"b":2})"}}},
    {"WhatIsTestedMayHaveChangedBackAgain",
     "{}",
     {{"ann", "set {\"a\":1}", R"(applied {"a":1})"},
      {"bob", "@1 merge {\"a\":2}", R"(applied {"a":2})"},
      {"ann",
       R"(@1 patch [{"op":"test","path":"/a","value":1},{"op":"replace","path":"/a","value":3}])",
       "conflict /a"},
      {"bob", "merge {\"a\":1}", R"(applied {"a":1})"},
      {"ann",
       R"(@1 patch [{"op":"test","path":"/a","value":1},{"op":"replace","path":"/a","value":3}])",
       R"(applied {"a":3})"}}},
    {"APlaceThatIsNotThereIsTheAuthorsMistake",
     "{}",
     {{"ann", "set {\"a\":1}", R"(applied {"a":1})"},
      {"bob", R"(patch [{"op":"remove","path":"/x"}])", "1102"},
      {"bob", R"(@1 patch [{"op":"remove","path":"/x"}])", "1102"}}},
    {"UnlessSomebodyTookItAway",
     "{}",
     {{"ann", "set {\"a\":1,\"b\":1}", R"(applied {"a":1,"b":1})"},
      {"bob", "merge {\"a\":null}", R"(applied {"b":1})"},
      {"ann", R"(@1 patch [{"op":"replace","path":"/a","value":3}])", "conflict /a"}}},
    {"IndexesCountOnACurrentBase",
     "{}",
     {{"ann", "set {\"l\":[1,2],\"t\":1}", R"(applied {"l":[1,2],"t":1})"},
      {"ann", R"(patch [{"op":"add","path":"/l/0","value":0}])", "conflict /l"},
      {"ann", R"(@1 patch [{"op":"add","path":"/l/0","value":0}])",
       R"(applied {"l":[0,1,2],"t":1})"},
      {"bob", "merge {\"t\":2}", R"(applied {"l":[0,1,2],"t":2})"},
      {"cid", R"(@2 patch [{"op":"remove","path":"/l/0"}])", R"(applied {"l":[1,2],"t":2})"},
      {"bob", R"(@2 patch [{"op":"remove","path":"/l/0"}])", "conflict /l"},
      {"bob", R"(@2 patch [{"op":"add","path":"/l/-","value":3}])",
       R"(applied {"l":[1,2,3],"t":2})"}}},
    {"OrBehindATest",
     "{}",
     {{"ann", "set {\"l\":[{\"v\":1},2]}", R"(applied {"l":[{"v":1},2]})"},
      {"bob",
       R"(patch [{"op":"test","path":"/l/0/v","value":1},{"op":"replace","path":"/l/0/v","value":5}])",
       R"(applied {"l":[{"v":5},2]})"},
      {"bob",
       R"(patch [{"op":"test","path":"/l/0/v","value":5},{"op":"replace","path":"/l/1","value":5}])",
       "conflict /l"},
      {"bob",
       R"(patch [{"op":"test","path":"/l","value":[{"v":5},2]},{"op":"remove","path":"/l/1"}])",
       R"(applied {"l":[{"v":5}]})"}}},
    {"WhatIsNoPatchGoesToTheOther",
     "{}",
     {{"ann", "set {\"a\":1}", R"(applied {"a":1})"},
      {"bob", "@0 set {\"a\":2}", "conflict the record"},
      {"bob", "@1 set {\"a\":2}", R"(applied {"a":2})"}}},
    {"ADeletedRecordIsAConflict",
     "{}",
     {{"ann", "set {\"a\":1}", R"(applied {"a":1})"},
      {"bob", "delete", "applied -"},
      {"ann", R"(@1 patch [{"op":"replace","path":"/a","value":3}])", "conflict /a"},
      {"ann", R"(patch [{"op":"replace","path":"/a","value":3}])", "1204"}}},
};
INSTANTIATE_TEST_SUITE_P(All, JsonPatchTest, testing::ValuesIn(kJsonPatch),
                         [](const auto& test) { return test.param.claim; });

class SetTest : public testing::TestWithParam<Script> {};
TEST_P(SetTest, Holds) {
    expectTold({"set", PLUGIN_SET, true}, GetParam());
}

const std::vector<Script> kSet = {
    {"ElementsComeAndGoEachForItself",
     "{}",
     {{"ann", "@0 add /t \"a\"", R"(applied {"t":["a"]})"},
      {"bob", "@0 add /t \"b\"", R"(applied {"t":["a","b"]})"},
      {"cid", "@0 add /t \"a\"", R"(applied {"t":["a","b"]})"},
      {"bob", "@1 remove /t \"a\"", R"(applied {"t":["b"]})"}}},
    {"TwoWholeSetsMerge",
     "{}",
     {{"ann", "set {\"t\":[1,2,3]}", R"(applied {"t":[1,2,3]})"},
      {"bob", "@1 merge {\"t\":[2,3,4]}", R"(applied {"t":[2,3,4]})"},
      {"ann", "@1 merge {\"t\":[1,2,5]}", R"(merged {"t":[2,4,5]})"}}},
    {"AWholeSetMergesWithElementsThatCame",
     "{}",
     {{"ann", "set {\"t\":[1,2]}", R"(applied {"t":[1,2]})"},
      {"bob", "@1 add /t 3", R"(applied {"t":[1,2,3]})"},
      {"ann", "@1 merge {\"t\":[2,9]}", R"(merged {"t":[2,3,9]})"}}},
    {"EachValueIsThereOnce",
     "{}",
     {{"ann", "merge {\"t\":[1,{\"a\":1,\"b\":2},1,{\"b\":2,\"a\":1}]}",
       R"(merged {"t":[1,{"a":1,"b":2}]})"}}},
    {"TheSameSetInAnotherOrderChangesNothing",
     "{}",
     {{"ann", "merge {\"t\":[1,2]}", R"(applied {"t":[1,2]})"},
      {"bob", "@0 merge {\"t\":[2,1]}", R"(merged {"t":[1,2]})"}}},
    {"WithoutABaseTheOtherDecides",
     "{}",
     {{"ann", "merge {\"t\":[1]}", R"(applied {"t":[1]})"},
      {"bob", "@0 merge {\"t\":[2]}", R"(merged {"t":[1,2]})"},
      {"bob", "merge {\"t\":[2]}", R"(applied {"t":[2]})"},
      {"ann", "@1 merge {\"t\":7}", "conflict /t"},
      {"ann", "@3 merge {\"t\":null}", "applied {}"}}},
    {"NoArrayIsNoSet",
     "{}",
     {{"ann", "merge {\"t\":7}", R"(applied {"t":7})"}, {"ann", "add /t 1", "1102"}}},
};
INSTANTIATE_TEST_SUITE_P(All, SetTest, testing::ValuesIn(kSet),
                         [](const auto& test) { return test.param.claim; });

}  // namespace
}  // namespace syncline::tests
