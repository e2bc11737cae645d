// SPDX-License-Identifier: Apache-2.0
#include "bridge/conduct.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/bridge/world.h"

namespace syncline::bridge::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Conduct, CountsAllAndLogsOneLineASecond) {
    World world;
    Conduct conduct("acl", world.runtime.log(), world.clock);
    for (int i = 0; i < 5; ++i) conduct.misbehaved("first");
    EXPECT_EQ(conduct.misbehaviours(), 5U);
    EXPECT_THAT(world.log.str(), HasSubstr("acl misbehaves: first (1 since the last line)"));
    world.clock.advanceMs(999);
    conduct.misbehaved("second");
    EXPECT_THAT(world.log.str(), Not(HasSubstr("second")));
    world.clock.advanceMs(1);
    conduct.misbehaved("third");
    EXPECT_THAT(world.log.str(), HasSubstr("acl misbehaves: third (6 since the last line)"));
}

TEST(Conduct, TellsALateCompletionFromMisbehaviour) {
    World world;
    Conduct conduct("acl", world.runtime.log(), world.clock);
    conduct.late();
    EXPECT_EQ(conduct.lateCompletions(), 1U);
    EXPECT_EQ(conduct.misbehaviours(), 0U);
    EXPECT_THAT(world.log.str(), Not(HasSubstr("misbehaves")));
}

}  // namespace
}  // namespace syncline::bridge::tests
