// SPDX-License-Identifier: Apache-2.0
// The strategies that put things in an order: lww_hlc by clocks, list by ids and fractional keys.
#include "unit/plugins_conflict/script.h"

namespace syncline::tests {
namespace {

class LwwHlcTest : public testing::TestWithParam<Script> {};
TEST_P(LwwHlcTest, Holds) {
    expectTold({"lww_hlc", PLUGIN_LWW_HLC, true}, GetParam());
}

const std::vector<Script> kLwwHlc = {
    {"TheLaterClockWinsWhoeverComesFirst",
     "{}",
     {{"ann", "!20 merge {\"a\":1}", R"(applied {"a":1})"},
      {"bob", "!10 merge {\"a\":2}", R"(merged {"a":1})"},
      {"bob", "!30 merge {\"a\":3}", R"(applied {"a":3})"},
      {"ann", "!29 merge {\"a\":4,\"b\":4}", R"(merged {"a":3,"b":4})"}}},
    {"TheCounterDecidesWithinAMillisecond",
     "{}",
     {{"ann", "!20.5 merge {\"a\":1}", R"(applied {"a":1})"},
      {"bob", "!20.4 merge {\"a\":2}", R"(merged {"a":1})"},
      {"bob", "!20.6 merge {\"a\":3}", R"(applied {"a":3})"}}},
    {"TheClientDecidesWhereClocksAreTheSame",
     "{}",
     {{"bob", "!20 merge {\"a\":1}", R"(applied {"a":1})"},
      {"ann", "!20 merge {\"a\":2}", R"(merged {"a":1})"},
      {"cid", "!20 merge {\"a\":3}", R"(applied {"a":3})"},
      {"cid", "!20 merge {\"a\":4}", R"(applied {"a":4})"}}},
    {"ABaseDoesNotMatter",
     "{}",
     {{"ann", "!20 merge {\"a\":1}", R"(applied {"a":1})"},
      {"bob", "@0 !21 merge {\"a\":2}", R"(applied {"a":2})"},
      {"ann", "@2 !19 merge {\"a\":3}", R"(merged {"a":2})"}}},
    {"AlsoAnOwnOlderWriteLoses",
     "{}",
     {{"ann", "!20 merge {\"a\":1}", R"(applied {"a":1})"},
      {"ann", "!10 merge {\"a\":2}", R"(merged {"a":1})"}}},
    {"WhatIsLaterBeneathAWriteStays",
     "{}",
     {{"ann", "!10 set {\"a\":1,\"b\":1,\"o\":{\"x\":1}}", R"(applied {"a":1,"b":1,"o":{"x":1}})"},
      {"bob", "!30 merge {\"a\":3,\"o\":{\"y\":3}}", R"(applied {"a":3,"b":1,"o":{"x":1,"y":3}})"},
      {"cid", "!20 set {\"b\":2,\"c\":2}", R"(merged {"a":3,"b":2,"c":2,"o":{"y":3}})"},
      {"dan", "!15 merge {\"a\":0,\"c\":0,\"d\":0}", R"(merged {"a":3,"b":2,"c":2,"o":{"y":3}})"},
      {"dan", "!25 merge {\"a\":0,\"c\":0}", R"(merged {"a":3,"b":2,"c":0,"o":{"y":3}})"}}},
    {"ARemovalIsAWriteAndNullIsNone",
     "{}",
     {{"ann", "!20 merge {\"a\":null}", R"(applied {})"},
      {"bob", "!10 set {\"a\":1,\"b\":null}", R"(merged {"b":null})"},
      {"bob", "!21 merge {\"a\":1}", R"(applied {"a":1,"b":null})"}}},
    {"ADeleteLeavesWhatIsLater",
     "{}",
     {{"ann", "!10 set {\"a\":1,\"b\":1}", R"(applied {"a":1,"b":1})"},
      {"bob", "!30 merge {\"a\":3}", R"(applied {"a":3,"b":1})"},
      {"cid", "!20 delete", R"(merged {"a":3})"},
      {"cid", "!40 delete", "applied -"},
      {"ann", "!35 merge {\"a\":5}", "merged -"},
      {"ann", "!45 merge {\"b\":5}", R"(applied {"b":5})"}}},
    {"TextWhereObjectsWereMadeLaterGivesWay",
     "{}",
     {{"ann", "!30 merge {\"o\":{\"x\":1}}", R"(applied {"o":{"x":1}})"},
      {"bob", "!20 merge {\"o\":\"text\"}", R"(merged {"o":{"x":1}})"},
      {"bob", "!10 merge {\"o\":{\"y\":1}}", R"(merged {"o":{"x":1}})"}}},
    {"AnArrayIsOneWhole",
     "{}",
     {{"ann", "!30 merge {\"o\":{\"l\":[1]}}", R"(applied {"o":{"l":[1]}})"},
      {"bob", "!20 merge {\"o\":{\"l\":[2]}}", R"(merged {"o":{"l":[1]}})"},
      {"bob", "!20 set {\"o\":{\"l\":[2],\"m\":2}}", R"(merged {"o":{"l":[1],"m":2}})"}}},
    {"IncrementsCommuteAndLoseToALaterWrite",
     "{}",
     {{"ann", "!30 increment /n 1", R"(applied {"n":1})"},
      {"bob", "!20 increment /n 2", R"(applied {"n":3})"},
      {"cid", "!25 merge {\"n\":9}", R"(merged {"n":3})"},
      {"cid", "!35 merge {\"n\":9}", R"(applied {"n":9})"},
      {"ann", "!34 increment /n 1", R"(merged {"n":9})"}}},
    {"WithoutAClockTheServersTimeCounts",
     "{}",
     {{"ann", "!20 merge {\"a\":1}", R"(applied {"a":1})"},
      {"bob", "merge {\"a\":2}", R"(applied {"a":2})"},
      {"ann", "!1699999999999 merge {\"a\":3}", R"(merged {"a":2})"},
      {"ann", "!1700000000001 merge {\"a\":4}", R"(applied {"a":4})"}}},
    {"AClockTooFarAheadIsClamped",
     R"({"skew":"10s"})",
     {{"bob", "!1800000000000 merge {\"a\":1}", R"(applied {"a":1})"},
      {"ann", "!1700000010000 merge {\"a\":2}", R"(merged {"a":1})"},
      {"cid", "!1700000010000 merge {\"a\":3}", R"(applied {"a":3})"}}},
    {"OrRefused",
     R"({"skew":"10s","beyond":"refuse"})",
     {{"ann", "!1700000010001 merge {\"a\":1,\"b\":1}", "1212 /a /b"},
      {"ann", "!1700000010000 merge {\"a\":1}", R"(applied {"a":1})"}}},
    {"WhatHasNoClockYetIsOlder",
     "{}",
     {{"ann", "!20 add /t 1", R"(applied {"t":[1]})"},
      {"bob", "!10 add /t 2", R"(applied {"t":[1,2]})"},
      {"cid", "!15 merge {\"t\":[]}", R"(merged {"t":[1,2]})"},
      {"cid", "!10 insert /l a {\"v\":1}", R"(applied {"l":[{"id":"a","v":1}],"t":[1,2]})"},
      {"bob", "!9 insert /l a {\"v\":2}", R"(merged {"l":[{"id":"a","v":1}],"t":[1,2]})"}}},
};
INSTANTIATE_TEST_SUITE_P(All, LwwHlcTest, testing::ValuesIn(kLwwHlc),
                         [](const auto& test) { return test.param.claim; });

TEST(LwwHlc, AClockThatIsNoneIsRefused) {
    Room room({"lww_hlc", PLUGIN_LWW_HLC, true});
    for (const char* wrong : {"7", "\"now\"", "[1]", "[1,2,3]", "[-1,0]", "[1,-1]",
                              "[1,4294967296]", "[1.5,0]", "[\"1\",0]", "{}", "true"}) {
        const std::string op = std::string(R"("kind":"set","value":1,"hlc":)") + wrong;
        EXPECT_EQ(room.send("ann", op), "1102") << wrong;
        const json::Value told = read("{" + room.lastVerdict().extra + "}");
        EXPECT_EQ(canonical(*told.find("detail")), R"({"pointer":"/hlc"})") << wrong;
    }
    EXPECT_EQ(room.send("ann", R"("kind":"set","value":1,"hlc":null)"), "applied 1");
}

class ListTest : public testing::TestWithParam<Script> {};
TEST_P(ListTest, Holds) {
    expectTold({"list", PLUGIN_LIST, true}, GetParam());
}

const std::vector<Script> kList = {
    {"ElementsComeGoAndMoveEachForItself",
     "{}",
     {{"ann", "@0 insert /l a {}", R"(applied {"l":[{"id":"a"}]})"},
      {"bob", "@0 insert /l b {}", R"(applied {"l":[{"id":"a"},{"id":"b"}]})"},
      {"cid", "@2 insert /l c null {}", R"(applied {"l":[{"id":"c"},{"id":"a"},{"id":"b"}]})"},
      {"bob", "@2 move /l a b", R"(applied {"l":[{"id":"c"},{"id":"b"},{"id":"a"}]})"},
      {"cid", "@3 erase /l b", R"(applied {"l":[{"id":"c"},{"id":"a"}]})"}}},
    {"OneElementReplacedByBothGoesToTheOther",
     "{}",
     {{"ann", "insert /l a {\"v\":1}", R"(applied {"l":[{"id":"a","v":1}]})"},
      {"bob", "@0 insert /l a {\"v\":2}", "conflict /l/a"},
      {"bob", "@0 insert /l a {\"v\":1}", R"(applied {"l":[{"id":"a","v":1}]})"},
      {"bob", "@2 insert /l a {\"v\":3}", R"(applied {"l":[{"id":"a","v":3}]})"}}},
    {"AnElementThatIsGoneCannotMove",
     "{}",
     {{"ann", "set {\"l\":[{\"id\":\"a\"},{\"id\":\"b\"}]}",
       R"(applied {"l":[{"id":"a"},{"id":"b"}]})"},
      {"bob", "erase /l a", R"(applied {"l":[{"id":"b"}]})"},
      {"ann", "@1 move /l a b", "conflict /l/a"},
      {"ann", "@1 insert /l a {}", "conflict /l/a"},
      {"ann", "@1 erase /l a", R"(applied {"l":[{"id":"b"}]})"}}},
    {"TheLastMoveStands",
     "{}",
     {{"ann", "set {\"l\":[{\"id\":\"a\"},{\"id\":\"b\"}]}",
       R"(applied {"l":[{"id":"a"},{"id":"b"}]})"},
      {"bob", "@1 move /l a b", R"(applied {"l":[{"id":"b"},{"id":"a"}]})"},
      {"ann", "@1 move /l a null", R"(applied {"l":[{"id":"a"},{"id":"b"}]})"}}},
    {"TwoWholeListsMergeElementByElement",
     "{}",
     {{"ann", R"(set {"l":[{"id":"a","v":1},{"id":"b","v":1}]})",
       R"(applied {"l":[{"id":"a","v":1},{"id":"b","v":1}]})"},
      {"bob", R"(@1 merge {"l":[{"id":"a","v":2},{"id":"b","v":1}]})",
       R"(applied {"l":[{"id":"a","v":2},{"id":"b","v":1}]})"},
      {"ann", R"(@1 merge {"l":[{"id":"a","v":1},{"id":"b","v":1},{"id":"c","v":1}]})",
       R"(merged {"l":[{"id":"a","v":2},{"id":"b","v":1},{"id":"c","v":1}]})"},
      {"cid", R"(@1 merge {"l":[{"id":"a","v":9},{"id":"b","v":1}]})", "conflict /l/a/v"}}},
    {"ElementsWithoutIdsAreOneWhole",
     "{}",
     {{"ann", "merge {\"l\":[1]}", R"(applied {"l":[1]})"},
      {"bob", "@0 merge {\"l\":[2]}", "conflict /l"}}},
    {"AFractionalKeyOrders",
     R"({"order":"p"})",
     {{"ann", R"(insert /l x {"p":"m"})", R"(merged {"l":[{"id":"x","p":"m"}]})"},
      {"bob", R"(@0 insert /l y {"p":"a"})",
       R"(merged {"l":[{"id":"y","p":"a"},{"id":"x","p":"m"}]})"},
      {"cid", R"(@0 insert /l z {"p":"g"})",
       R"(merged {"l":[{"id":"y","p":"a"},{"id":"z","p":"g"},{"id":"x","p":"m"}]})"},
      {"cid", R"(insert /l z {"p":"z"})",
       R"(merged {"l":[{"id":"y","p":"a"},{"id":"x","p":"m"},{"id":"z","p":"z"}]})"},
      {"ann", "move /l z null", "1212 /l/z"}}},
    {"TheIdOrdersWhereKeysAreTheSame",
     R"({"order":"p"})",
     {{"ann", R"(insert /l x null {"p":1})", R"(applied {"l":[{"id":"x","p":1}]})"},
      {"bob", R"(@0 insert /l w null {"p":1})",
       R"(applied {"l":[{"id":"w","p":1},{"id":"x","p":1}]})"},
      {"bob", R"(@0 insert /l v {"p":"a"})",
       R"(merged {"l":[{"id":"w","p":1},{"id":"x","p":1},{"id":"v","p":"a"}]})"},
      {"bob", R"(@0 insert /l a {})",
       R"(merged {"l":[{"id":"w","p":1},{"id":"x","p":1},{"id":"v","p":"a"},{"id":"a"}]})"}}},
    {"AWholeListIsPutInOrder",
     R"({"order":"p"})",
     {{"ann", R"(merge {"l":[{"id":"b","p":2},{"id":"a","p":1}]})",
       R"(merged {"l":[{"id":"a","p":1},{"id":"b","p":2}]})"},
      {"bob", R"(@0 merge {"l":[{"id":"c","p":0}]})",
       R"(merged {"l":[{"id":"c","p":0},{"id":"a","p":1},{"id":"b","p":2}]})"}}},
};
INSTANTIATE_TEST_SUITE_P(All, ListTest, testing::ValuesIn(kList),
                         [](const auto& test) { return test.param.claim; });

}  // namespace
}  // namespace syncline::tests
