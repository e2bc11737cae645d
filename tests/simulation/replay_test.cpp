// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "simulation/plan.h"
#include "simulation/world.h"

namespace syncline::simulation {
namespace {

Installation& installation() {
    static Installation opened = Installation::open(SYNCLINE_SIMULATION_CONFIG);
    return opened;
}

TEST(Replay, OneSeedIsOneRunToTheByte) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const Finding first = World(installation(), planOf(seed), true).run();
        const Finding second = World(installation(), planOf(seed), true).run();
        EXPECT_EQ(first.trace, second.trace) << seed;
        EXPECT_EQ(first.traceHash, second.traceHash) << seed;
    }
}

TEST(Replay, OtherSeedsAreOtherRuns) {
    EXPECT_NE(World(installation(), planOf(1), false).run().traceHash,
              World(installation(), planOf(2), false).run().traceHash);
}

TEST(Plans, AreLongAndHaveFaults) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        const Plan plan = planOf(seed);
        std::size_t faults = 0;
        for (const Step& step : plan.steps) faults += step.act == Act::fault ? 1 : 0;
        EXPECT_GE(plan.steps.size(), kStepsMin) << seed;
        EXPECT_GE(faults, kFaultsMin) << seed;
    }
}

}  // namespace
}  // namespace syncline::simulation
