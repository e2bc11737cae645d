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
    const std::map<const char*, const char*> messages = {{PLUGIN_SUBSCRIBE, "subscribe"},
                                                         {PLUGIN_UNSUBSCRIBE, "unsubscribe"},
                                                         {PLUGIN_OP, "submit"},
                                                         {PLUGIN_GET, "snapshot"}};
    for (const auto& [file, function] : messages) {
        FakePluginHost plugin(file);
        plugin.configure("{}");
        plugin.fails[function] = core::Error::of(core::Code::notSubscribed, "not now");
        EXPECT_EQ(plugin.send(R"({"channel":"c"})"), "refused 1202: not now") << function;
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

}  // namespace
}  // namespace syncline::tests
