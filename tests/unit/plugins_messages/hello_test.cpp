// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/fake_plugin_host.h"

namespace syncline::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kClient = "0123456789abcdef012345";  // 22 bytes, the shortest

std::string hello(const std::string& members) {
    return R"({"type":"hello","protocol":1,"client":")" + kClient + "\"" + members + "}";
}

class HelloTest : public testing::Test {
protected:
    HelloTest() { plugin.configure(R"({"resume_max":3})"); }

    FakePluginHost plugin{PLUGIN_HELLO};
};

TEST_F(HelloTest, HasTheCredentialsVerifiedFirst) {
    EXPECT_EQ(plugin.send(hello(R"(,"token":"t")")), "pending");
    EXPECT_THAT(plugin.did, ElementsAre("verify " + kClient + " 't' 1"));
    EXPECT_EQ(plugin.send(hello("")), "pending");
    EXPECT_THAT(plugin.did, ElementsAre("verify " + kClient + " '' 1"));
}

TEST_F(HelloTest, WelcomesWhoIsKnown) {
    plugin.send(hello(""));
    plugin.did.clear();
    EXPECT_EQ(plugin.answer(1, R"({"user":"ann"})"), "stop");
    EXPECT_THAT(plugin.did, ElementsAre("open " + kClient + R"( {"user":"ann"})",
                                        R"(reply welcome {"session":"s1"})"));
}

TEST_F(HelloTest, ResumesAfterTheWelcome) {
    const std::string cursors =
        R"([{"channel":"a","epoch":"e","seq":4,"sum":"00"},{"channel":"b"}])";
    plugin.send(hello(",\"resume\":" + cursors));
    plugin.did.clear();
    EXPECT_EQ(plugin.answer(1, R"({"user":"ann"})"), "stop");
    EXPECT_THAT(plugin.did,
                ElementsAre(HasSubstr("open"), HasSubstr("welcome"), "resume " + cursors));
}

TEST_F(HelloTest, PassesOnWhyTheCredentialsWereRefused) {
    for (const core::Code code : {core::Code::tokenInvalid, core::Code::tokenExpired}) {
        plugin.send(hello(""));
        plugin.did.clear();
        EXPECT_EQ(plugin.answer(1, core::Error::of(code, "no")),
                  "refused " + std::to_string(static_cast<int>(code)) + ": no");
        EXPECT_THAT(plugin.did, IsEmpty());
    }
}

TEST_F(HelloTest, PassesOnWhyTheSessionCouldNotBeOpened) {
    plugin.send(hello(""));
    plugin.fails["open"] = core::Error::of(core::Code::busy, "full");
    EXPECT_EQ(plugin.answer(1, R"({"user":"ann"})"), "refused 1404: full");
}

TEST_F(HelloTest, RefusesWhatIsMalformedBeforeItAsksAnybody) {
    const std::string client = "\"client\":\"" + kClient + "\"";
    const std::string long256(256, 'x');
    const std::vector<std::pair<std::string, std::string>> cases = {
        {R"({"client":"x"})", "protocol"},
        {R"({"protocol":"1",)" + client + "}", "protocol"},
        {R"({"protocol":2,)" + client + "}", "protocol"},
        {R"({"protocol":1})", "client"},
        {R"({"protocol":1,"client":7})", "client"},
        {R"({"protocol":1,"client":"0123456789abcdef01234"})", "client"},
        {R"({"protocol":1,"client":")" + long256 + "\"}", "client"},
        {R"({"protocol":1,"client":"$123456789abcdef012345"})", "client"},
        {R"({"protocol":1,"client":"0123456789abcdef01234\n"})", "client"},
        {R"({"protocol":1,"client":"0123456789abcdef0123\u0085"})", "client"},
        {hello(R"(,"token":7)"), "token"},
        {hello(R"(,"token":null)"), "token"},
        {hello(R"(,"resume":{})"), "resume"},
        {hello(R"(,"resume":[1])"), "resume"},
        {hello(R"(,"resume":[{}])"), "resume"},
        {hello(R"(,"resume":[{"channel":""}])"), "resume"},
        {hello(R"(,"resume":[{"channel":"$a"}])"), "resume"},
        {hello(R"(,"resume":[{"channel":"a","epoch":1}])"), "resume"},
        {hello(R"(,"resume":[{"channel":"a","seq":-1}])"), "resume"},
        {hello(R"(,"resume":[{"channel":"a","seq":1.5}])"), "resume"},
        {hello(R"(,"resume":[{"channel":"a","seq":"1"}])"), "resume"},
        {hello(R"(,"resume":[{"channel":"a","sum":1}])"), "resume"},
    };
    for (const auto& [message, field] : cases) {
        EXPECT_THAT(plugin.send(message), testing::StartsWith("refused 1102: " + field)) << message;
        EXPECT_THAT(plugin.did, IsEmpty()) << message;
    }
}

TEST_F(HelloTest, RefusesMoreChannelsThanConfigured) {
    EXPECT_EQ(plugin.send(hello(R"(,"resume":[{"channel":"a"},{"channel":"b"},{"channel":"c"}])")),
              "pending");
    EXPECT_THAT(
        plugin.send(hello(
            R"(,"resume":[{"channel":"a"},{"channel":"b"},{"channel":"c"},{"channel":"d"}])")),
        HasSubstr("refused 1203"));
}

}  // namespace
}  // namespace syncline::tests
