// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_plugin_host.h"

namespace syncline::tests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class AuthTest : public testing::Test {
protected:
    FakePluginHost plugin{PLUGIN_AUTH};
};

TEST_F(AuthTest, HasTheTokenVerifiedAndGoesOnAsItsPrincipal) {
    EXPECT_EQ(plugin.send(R"({"type":"auth","token":"t"})", R"({"user":"ann"})"), "pending");
    EXPECT_THAT(plugin.did, ElementsAre("verify  't' 1"));
    EXPECT_EQ(plugin.answer(1, R"({"user":"ann","expiresAt":5})"), "stop");
    EXPECT_THAT(plugin.did, ElementsAre("verify  't' 1", R"(refresh {"user":"ann","expiresAt":5})",
                                        R"(reply authed {"user":"ann","expiresAt":5})"));
}

TEST_F(AuthTest, PassesOnWhyNot) {
    plugin.send(R"({"type":"auth","token":"t"})");
    EXPECT_EQ(plugin.answer(1, core::Error::of(core::Code::tokenExpired, "over")),
              "refused 1302: over");
    plugin.fails["refresh"] = core::Error::of(core::Code::anotherUser, "not you");
    plugin.send(R"({"type":"auth","token":"t"})");
    EXPECT_EQ(plugin.answer(1, R"({"user":"ben"})"), "refused 1304: not you");
    EXPECT_THAT(plugin.did, ElementsAre("verify  't' 1"));
}

TEST_F(AuthTest, AsksNobodyWithoutAToken) {
    for (const char* message : {"{}", R"({"token":""})", R"({"token":7})", R"({"token":null})"}) {
        EXPECT_EQ(plugin.send(message), "refused 1102: token: a string is needed") << message;
        EXPECT_THAT(plugin.did, IsEmpty());
    }
}

}  // namespace
}  // namespace syncline::tests
