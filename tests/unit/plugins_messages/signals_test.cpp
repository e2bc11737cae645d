// SPDX-License-Identifier: Apache-2.0
// The types whose messages nobody keeps.
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
    {"PublishSendsTheData",
     PLUGIN_PUBLISH,
     R"({"type":"publish","channel":"c","data":{"x":1},"more":2})",
     {R"(to_channel c message {"data":{"x":1}} 0)"},
     "pending"},
    {"PublishSendsANull",
     PLUGIN_PUBLISH,
     R"({"type":"publish","channel":"c","data":null})",
     {R"(to_channel c message {"data":null} 0)"},
     "pending"},
    {"PublishNeedsData",
     PLUGIN_PUBLISH,
     R"({"type":"publish","channel":"c"})",
     {},
     "refused 1102: data: a value is needed"},
    {"PublishNeedsAChannel",
     PLUGIN_PUBLISH,
     R"({"type":"publish","data":1})",
     {},
     "refused 1102: channel: a string is needed"},
    {"SendSendsTheData",
     PLUGIN_SEND,
     R"({"type":"send","user":"ben","data":[1]})",
     {R"(to_user ben message {"data":[1]} 0)"},
     "pending"},
    {"SendNeedsAUser",
     PLUGIN_SEND,
     R"({"type":"send","data":[1]})",
     {},
     "refused 1102: user: a string is needed"},
    {"SendNeedsAUserThatIsAString",
     PLUGIN_SEND,
     R"({"type":"send","user":7,"data":[1]})",
     {},
     "refused 1102: user: a string is needed"},
    {"SendNeedsData",
     PLUGIN_SEND,
     R"({"type":"send","user":"ben"})",
     {},
     "refused 1102: data: a value is needed"},
    {"PresenceHandsTheWholeMessageOver",
     PLUGIN_PRESENCE,
     R"({"type":"presence","channel":"c","state":{"at":1},"by":"user"})",
     {R"(presence {"type":"presence","channel":"c","state":{"at":1},"by":"user"})"},
     "pending"},
    {"PresenceNeedsAChannel",
     PLUGIN_PRESENCE,
     R"({"type":"presence"})",
     {},
     "refused 1102: channel: a string is needed"},
    {"InvalidateNamesNoKeysForAll",
     PLUGIN_INVALIDATE,
     R"({"type":"invalidate","channel":"c"})",
     {"to_channel c invalidated {} 0"},
     "pending"},
    {"InvalidateNamesKeys",
     PLUGIN_INVALIDATE,
     R"({"type":"invalidate","channel":"c","keys":["a","b"]})",
     {R"(to_channel c invalidated {"keys":["a","b"]} 0)"},
     "pending"},
    {"InvalidateRefusesKeysThatAreNoStrings",
     PLUGIN_INVALIDATE,
     R"({"type":"invalidate","channel":"c","keys":["a",1]})",
     {},
     "refused 1102: keys: an array of strings is needed"},
    {"InvalidateRefusesKeysThatAreNoArray",
     PLUGIN_INVALIDATE,
     R"({"type":"invalidate","channel":"c","keys":null})",
     {},
     "refused 1102: keys: an array of strings is needed"},
    {"InvalidateNeedsAChannel",
     PLUGIN_INVALIDATE,
     R"({"type":"invalidate"})",
     {},
     "refused 1102: channel: a string is needed"},
};

class SignalsTest : public testing::TestWithParam<Case> {};

TEST_P(SignalsTest, Holds) {
    FakePluginHost plugin(GetParam().plugin);
    ASSERT_EQ(plugin.configure("{}"), "");
    EXPECT_EQ(plugin.send(GetParam().message), GetParam().outcome);
    EXPECT_EQ(plugin.did, GetParam().did);
}

INSTANTIATE_TEST_SUITE_P(All, SignalsTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.claim; });

/// What the host says became of the signal, and what the sender is told.
struct Answered {
    const char* plugin;
    const char* message;
    const char* result;
    const char* reply;
};

const std::vector<Answered> kAnswered = {
    {PLUGIN_PUBLISH, R"({"channel":"c","data":1})", "{}", R"(reply published {"channel":"c"})"},
    {PLUGIN_SEND, R"({"user":"ben","data":1})", R"({"connections":3})",
     R"(reply sent {"connections":3})"},
    {PLUGIN_INVALIDATE, R"({"channel":"c"})", "{}", R"(reply invalidated {"channel":"c"})"},
};

TEST(Signals, TellTheSenderWhatBecameOfIt) {
    for (const auto& [file, message, result, reply] : kAnswered) {
        FakePluginHost plugin(file);
        plugin.configure("{}");
        ASSERT_EQ(plugin.send(message), "pending") << file;
        plugin.did.clear();
        EXPECT_EQ(plugin.answer(0, result), "stop") << file;
        EXPECT_THAT(plugin.did, ElementsAre(reply)) << file;
    }
}

TEST(Signals, PassOnWhyNothingWasSent) {
    for (const auto& [file, message, result, reply] : kAnswered) {
        FakePluginHost plugin(file);
        plugin.configure("{}");
        ASSERT_EQ(plugin.send(message), "pending") << file;
        plugin.did.clear();
        EXPECT_EQ(plugin.answer(0, core::Error::of(core::Code::noSuchChannel, "no")),
                  "refused 1201: no");
        EXPECT_THAT(plugin.did, IsEmpty()) << file;
    }
    const std::map<const char*, const char*> functions = {{PLUGIN_PUBLISH, "to_channel"},
                                                          {PLUGIN_SEND, "to_user"},
                                                          {PLUGIN_PRESENCE, "presence"},
                                                          {PLUGIN_INVALIDATE, "to_channel"}};
    for (const auto& [file, function] : functions) {
        FakePluginHost plugin(file);
        plugin.configure("{}");
        plugin.fails[function] = core::Error::of(core::Code::tooLarge, "too much");
        EXPECT_EQ(plugin.send(R"({"channel":"c","user":"ben","data":1})"),
                  "refused 1203: too much");
    }
}

TEST(Invalidate, RefusesMoreKeysThanConfigured) {
    FakePluginHost invalidate(PLUGIN_INVALIDATE);
    invalidate.configure(R"({"keys_max":2})");
    EXPECT_EQ(invalidate.send(R"({"channel":"c","keys":["a","b"]})"), "pending");
    EXPECT_EQ(invalidate.send(R"({"channel":"c","keys":["a","b","d"]})"),
              "refused 1203: keys: at most 2 at once");
}

}  // namespace
}  // namespace syncline::tests
