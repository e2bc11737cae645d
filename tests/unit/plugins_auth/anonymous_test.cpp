// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "support/fake_plugin_host.h"

namespace syncline::tests {
namespace {

class AnonymousTest : public testing::Test {
protected:
    AnonymousTest() { plugin.configure(R"({"roles":["visitor"]})"); }

    FakePluginHost plugin{PLUGIN_ANONYMOUS};
};

TEST_F(AnonymousTest, NamesAClientByTheHashOfItsId) {
    // Stored streams are found by this name: it must never change.
    EXPECT_EQ(plugin.authenticate("client-1", ""),
              R"(accept {"user":"anon-ee396f1f6824a632776ac92def49c0fa","roles":["visitor"]})");
}

TEST_F(AnonymousTest, GivesTheSameClientTheSameUserEveryTime) {
    FakePluginHost other(PLUGIN_ANONYMOUS);
    other.configure(R"({"roles":["visitor"]})");
    EXPECT_EQ(plugin.authenticate("client-1", ""), other.authenticate("client-1", ""));
}

TEST_F(AnonymousTest, GivesAnotherClientAnotherUser) {
    EXPECT_NE(plugin.authenticate("client-1", ""), plugin.authenticate("client-2", ""));
}

TEST_F(AnonymousTest, LeavesWhoShowsCredentialsToOthers) {
    EXPECT_EQ(plugin.authenticate("client-1", "a-token"), "not mine");
    EXPECT_EQ(plugin.authenticate("client-1", "", "Bearer x"), "not mine");
    EXPECT_EQ(plugin.authenticate("client-1", "", "", FakePluginHost::kNowMs, "x"), "not mine");
}

TEST_F(AnonymousTest, LeavesWhoHasNoClientIdToOthers) {
    EXPECT_EQ(plugin.authenticate("", ""), "not mine");
}

}  // namespace
}  // namespace syncline::tests
