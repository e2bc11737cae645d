// SPDX-License-Identifier: Apache-2.0
#include "app/pace.h"

#include <gtest/gtest.h>

namespace syncline::app {
namespace {

struct Case {
    const char* name;
    std::size_t count;
    std::int64_t perSecond;
    std::int64_t endMs;  ///< it begins at 1000
    std::int64_t nowMs;
    std::size_t due;
};

class PaceOverTime : public ::testing::TestWithParam<Case> {};

TEST_P(PaceOverTime, TellsHowManyAreDue) {
    const Case& one = GetParam();
    const Pace pace(one.count, one.perSecond, 1'000, one.endMs);
    EXPECT_EQ(pace.due(one.nowMs), one.due);
}

INSTANTIATE_TEST_SUITE_P(
    , PaceOverTime,
    ::testing::Values(Case{"NobodyAtTheBeginning", 500, 100, 60'000, 1'000, 0},
                      Case{"ByTheRate", 500, 100, 60'000, 2'000, 100},
                      Case{"InPartsOfASecond", 500, 100, 60'000, 2'550, 155},
                      Case{"AllWhenTheRateSaysSo", 500, 100, 60'000, 6'000, 500},
                      Case{"NeverMoreThanThereAre", 500, 100, 60'000, 50'000, 500},
                      Case{"FasterWhenTimeIsShort", 500, 100, 2'000, 1'500, 250},
                      Case{"AllAtTheEnd", 1'000'000, 1, 2'000, 2'000, 1'000'000},
                      Case{"AllAtOnceWithoutTime", 500, 100, 1'000, 1'000, 500},
                      Case{"AllAtOnceWhenTimeIsOver", 500, 100, 400, 1'000, 500},
                      Case{"NobodyOfNobody", 0, 100, 60'000, 1'000, 0},
                      Case{"AMillionOverAnHour", 1'000'000, 1, 3'601'000, 1'801'000, 500'000}),
    [](const auto& one) { return one.param.name; });

TEST(PaceTest, SaysWhenTheRateIsNotEnough) {
    EXPECT_FALSE(Pace(100, 10, 0, 10'000).hurries());
    EXPECT_TRUE(Pace(101, 10, 0, 10'000).hurries());
}

}  // namespace
}  // namespace syncline::app
