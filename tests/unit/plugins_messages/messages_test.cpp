// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_plugin_host.h"

namespace syncline::tests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// One message to one handler: what it asks of the host, and what it returns.
struct Case {
    const char* claim;
    const char* plugin;
    const char* message;
    std::vector<std::string> did;
    const char* outcome;
};

const std::vector<Case> kCases = {
    {"PingAnswersWithTheTime",
     PLUGIN_PING,
     R"({"type":"ping","id":1})",
     {R"(reply pong {"time":1700000000000})"},
     "stop"},
    {"SubscribeHandsTheWholeMessageOver",
     PLUGIN_SUBSCRIBE,
     R"({"type":"subscribe","channel":"c","cursor":{"seq":3},"done":2})",
     {R"(subscribe {"type":"subscribe","channel":"c","cursor":{"seq":3},"done":2})"},
     "pending"},
    {"SubscribeNeedsAChannel",
     PLUGIN_SUBSCRIBE,
     R"({"type":"subscribe"})",
     {},
     "refused 1102: channel: a string is needed"},
    {"UnsubscribeAnswersItself",
     PLUGIN_UNSUBSCRIBE,
     R"({"type":"unsubscribe","channel":"c"})",
     {"unsubscribe c", R"(reply unsubscribed {"channel":"c"})"},
     "stop"},
    {"UnsubscribeNeedsAChannel",
     PLUGIN_UNSUBSCRIBE,
     R"({"type":"unsubscribe"})",
     {},
     "refused 1102: channel: a string is needed"},
    {"OpHandsTheWholeMessageOver",
     PLUGIN_OP,
     R"({"type":"op","channel":"c","key":"k","n":1,"kind":"set","value":{}})",
     {R"(submit {"type":"op","channel":"c","key":"k","n":1,"kind":"set","value":{}})"},
     "pending"},
    {"OpNeedsAChannel",
     PLUGIN_OP,
     R"({"type":"op","key":"k"})",
     {},
     "refused 1102: channel: a string is needed"},
    {"GetReadsTheWholeChannel",
     PLUGIN_GET,
     R"({"type":"get","channel":"c"})",
     {"snapshot c (nothing)"},
     "pending"},
    {"GetReadsSomeKeys",
     PLUGIN_GET,
     R"({"type":"get","channel":"c","keys":["a","b"]})",
     {R"(snapshot c ["a","b"])"},
     "pending"},
    {"GetTakesNoKeysForNone",
     PLUGIN_GET,
     R"({"type":"get","channel":"c","keys":[]})",
     {"snapshot c []"},
     "pending"},
    {"GetRefusesKeysThatAreNoArray",
     PLUGIN_GET,
     R"({"type":"get","channel":"c","keys":"a"})",
     {},
     "refused 1102: keys: an array of strings is needed"},
    {"GetRefusesANullForKeys",
     PLUGIN_GET,
     R"({"type":"get","channel":"c","keys":null})",
     {},
     "refused 1102: keys: an array of strings is needed"},
    {"GetRefusesKeysThatAreNoStrings",
     PLUGIN_GET,
     R"({"type":"get","channel":"c","keys":["a",1]})",
     {},
     "refused 1102: keys: an array of strings is needed"},
    {"BatchHandsTheWholeMessageOver",
     PLUGIN_BATCH,
     R"({"type":"batch","channel":"c","ops":[{"n":1}]})",
     {R"(submit_batch op {"type":"batch","channel":"c","ops":[{"n":1}]})"},
     "pending"},
    {"BatchSaysThatItIsAtomic",
     PLUGIN_BATCH,
     R"({"type":"batch","channel":"c","atomic":true,"n":1})",
     {R"(submit_batch op atomic {"type":"batch","channel":"c","atomic":true,"n":1})"},
     "pending"},
    {"BatchMayBeToldThatItIsNotAtomic",
     PLUGIN_BATCH,
     R"({"channel":"c","atomic":false})",
     {R"(submit_batch op {"channel":"c","atomic":false})"},
     "pending"},
    {"BatchRefusesAnAtomicThatIsNeither",
     PLUGIN_BATCH,
     R"({"channel":"c","atomic":1})",
     {},
     "refused 1102: atomic: true or false is needed"},
    {"BatchNeedsAChannel",
     PLUGIN_BATCH,
     R"({"type":"batch"})",
     {},
     "refused 1102: channel: a string is needed"},
    {"HistoryReadsFromASeqOn",
     PLUGIN_HISTORY,
     R"({"channel":"c","from":7,"limit":3})",
     {"history c 7 3"},
     "pending"},
    {"HistoryHasALimitOfItsOwn",
     PLUGIN_HISTORY,
     R"({"channel":"c","from":1})",
     {"history c 1 100"},
     "pending"},
    {"HistoryGivesNoMoreThanItsMost",
     PLUGIN_HISTORY,
     R"({"channel":"c","from":1,"limit":1000000})",
     {"history c 1 1000"},
     "pending"},
    {"HistoryAsksForValues",
     PLUGIN_HISTORY,
     R"({"channel":"c","from":7,"limit":3,"values":true})",
     {R"(history_of c {"from":7,"limit":3,"values":true})"},
     "pending"},
    {"HistoryNeedsNoValuesForFalse",
     PLUGIN_HISTORY,
     R"({"channel":"c","from":7,"limit":3,"values":false})",
     {"history c 7 3"},
     "pending"},
    {"HistoryRefusesValuesThatAreNone",
     PLUGIN_HISTORY,
     R"({"channel":"c","from":7,"values":"yes"})",
     {},
     "refused 1102: values: true or false is needed"},
    {"GetReadsAPrefix",
     PLUGIN_GET,
     R"({"channel":"c","prefix":"$conflict/"})",
     {R"(snapshot_of c {"channel":"c","prefix":"$conflict/"})"},
     "pending"},
    {"GetAsksForTheDigest",
     PLUGIN_GET,
     R"({"channel":"c","keys":["a"],"digest":true})",
     {R"(snapshot_of c {"channel":"c","keys":["a"],"digest":true})"},
     "pending"},
    {"GetRefusesAPrefixBesideKeys",
     PLUGIN_GET,
     R"({"channel":"c","keys":["a"],"prefix":"a"})",
     {},
     "refused 1102: prefix: there are keys already"},
    {"GetRefusesAPrefixThatIsNone",
     PLUGIN_GET,
     R"({"channel":"c","prefix":1})",
     {},
     "refused 1102: prefix: a string is needed"},
    {"GetRefusesADigestThatIsNone",
     PLUGIN_GET,
     R"({"channel":"c","digest":1})",
     {},
     "refused 1102: digest: true or false is needed"},
    {"ResolveDecidesAboutAConflict",
     PLUGIN_RESOLVE,
     R"({"channel":"c","key":"k","n":1,"conflict":"3","take":"mine"})",
     {R"(resolve {"channel":"c","key":"k","n":1,"conflict":"3","take":"mine"})"},
     "pending"},
    {"ResolveNeedsAChannel",
     PLUGIN_RESOLVE,
     R"({"key":"k","n":1})",
     {},
     "refused 1102: channel: a string is needed"},
    {"HistoryNeedsAPlaceToBegin",
     PLUGIN_HISTORY,
     R"({"channel":"c","from":0})",
     {},
     "refused 1102: from: a whole number from 1 is needed"},
    {"HistoryRefusesALimitThatIsNone",
     PLUGIN_HISTORY,
     R"({"channel":"c","from":1,"limit":"all"})",
     {},
     "refused 1102: limit: a whole number from 1 is needed"},
    {"HistoryNeedsAChannel",
     PLUGIN_HISTORY,
     R"({"from":1})",
     {},
     "refused 1102: channel: a string is needed"},
    {"StatusAsksAboutNumbers",
     PLUGIN_STATUS,
     R"({"channel":"c","n":[1,2]})",
     {"outcomes c [1,2]"},
     "pending"},
    {"StatusNeedsNumbers",
     PLUGIN_STATUS,
     R"({"channel":"c","n":1})",
     {},
     "refused 1102: n: an array of numbers is needed"},
    {"StatusNeedsAChannel",
     PLUGIN_STATUS,
     R"({"n":[1]})",
     {},
     "refused 1102: channel: a string is needed"},
    {"GetNeedsAChannel",
     PLUGIN_GET,
     R"({"type":"get"})",
     {},
     "refused 1102: channel: a string is needed"},
};

class MessagesTest : public testing::TestWithParam<Case> {};

TEST_P(MessagesTest, Holds) {
    FakePluginHost plugin(GetParam().plugin);
    ASSERT_EQ(plugin.configure("{}"), "");
    EXPECT_EQ(plugin.send(GetParam().message), GetParam().outcome);
    EXPECT_EQ(plugin.did, GetParam().did);
}

INSTANTIATE_TEST_SUITE_P(All, MessagesTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.claim; });

TEST(Messages, PassOnWhyTheHostRefused) {
    const std::map<const char*, const char*> messages = {
        {PLUGIN_SUBSCRIBE, "subscribe"}, {PLUGIN_UNSUBSCRIBE, "unsubscribe"},
        {PLUGIN_OP, "submit"},           {PLUGIN_GET, "snapshot"},
        {PLUGIN_BATCH, "submit_batch"},  {PLUGIN_HISTORY, "history"},
        {PLUGIN_STATUS, "outcomes"},     {PLUGIN_RESOLVE, "resolve"}};
    for (const auto& [file, function] : messages) {
        FakePluginHost plugin(file);
        plugin.configure("{}");
        plugin.fails[function] = core::Error::of(core::Code::notSubscribed, "not now");
        EXPECT_EQ(plugin.send(R"({"channel":"c","from":1,"n":[]})"), "refused 1202: not now")
            << function;
        EXPECT_THAT(plugin.did, IsEmpty()) << function;
    }
}

TEST(Get, RefusesMoreKeysThanConfigured) {
    FakePluginHost get(PLUGIN_GET);
    get.configure(R"({"keys_max":2})");
    EXPECT_EQ(get.send(R"({"channel":"c","keys":["a","b"]})"), "pending");
    EXPECT_EQ(get.send(R"({"channel":"c","keys":["a","b","d"]})"),
              "refused 1203: keys: at most 2 at once");
}

TEST(Status, RefusesMoreNumbersThanConfigured) {
    FakePluginHost status(PLUGIN_STATUS);
    status.configure(R"({"numbers_max":2})");
    EXPECT_EQ(status.send(R"({"channel":"c","n":[1,2]})"), "pending");
    EXPECT_EQ(status.send(R"({"channel":"c","n":[1,2,3]})"), "refused 1203: n: at most 2 at once");
}

TEST(Batch, TakesItsOpsThroughTheStagesOfTheConfiguredType) {
    FakePluginHost batch(PLUGIN_BATCH);
    batch.configure(R"({"type":"change"})");
    EXPECT_EQ(batch.send(R"({"channel":"c"})"), "pending");
    EXPECT_THAT(batch.did, ElementsAre(R"(submit_batch change {"channel":"c"})"));
}

}  // namespace
}  // namespace syncline::tests
