// SPDX-License-Identifier: Apache-2.0
#include "app/goodbye.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace syncline::app {
namespace {

TEST(GoodbyeTest, IsAnErrorThatIsWorthAnotherTry) {
    core::SystemRandom random;
    const core::Error error = goodbye({}, random);
    EXPECT_EQ(error.code, core::Code::draining);
    EXPECT_TRUE(error.retry);
    EXPECT_EQ(error.reason, "the server is shutting down");
}

TEST(GoodbyeTest, SpreadsTheReturnOverTheWholeSpreadAndNoFurther) {
    settings::DrainSettings settings;
    settings.retryAfterMs = 700;
    settings.spreadMs = 9;
    core::SystemRandom random;
    std::set<std::uint32_t> hints;
    for (int i = 0; i < 10'000; ++i) hints.insert(goodbye(settings, random).retryAfterMs);
    EXPECT_EQ(*hints.begin(), 700U);
    EXPECT_EQ(*hints.rbegin(), 709U);
    EXPECT_EQ(hints.size(), 10U);
}

TEST(GoodbyeTest, WithoutASpreadEverybodyComesBackAtTheSameTime) {
    settings::DrainSettings settings;
    settings.retryAfterMs = 700;
    settings.spreadMs = 0;
    core::SystemRandom random;
    EXPECT_EQ(goodbye(settings, random).retryAfterMs, 700U);
}

}  // namespace
}  // namespace syncline::app
