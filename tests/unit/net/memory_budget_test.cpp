// SPDX-License-Identifier: Apache-2.0
#include "net/memory_budget.h"

#include <gtest/gtest.h>

namespace syncline::net {
namespace {

using For = BudgetPurse::For;

TEST(MemoryBudget, RefusesWhatDoesNotFit) {
    MemoryBudget budget(100);
    EXPECT_TRUE(budget.take(60, For::output));
    EXPECT_FALSE(budget.take(41, For::output));
    EXPECT_TRUE(budget.take(40, For::output));
    budget.give(100, For::output);
    EXPECT_EQ(budget.usedBytes(), 0u);
}

TEST(MemoryBudget, RefusesEverythingWhenItIsOverdrawn) {
    for (const For purpose : {For::output, For::backlog, For::shared}) {
        MemoryBudget budget(100);
        budget.takeAnyway(150, purpose);
        EXPECT_FALSE(budget.take(0, purpose));
        EXPECT_FALSE(budget.hasRoom(1, purpose));
    }
}

TEST(MemoryBudget, NobodyFeelsByHowMuchTheSharedIsOverdrawn) {
    MemoryBudget budget(100);
    budget.takeAnyway(1000, For::shared);
    EXPECT_FALSE(budget.take(51, For::backlog));
    EXPECT_TRUE(budget.take(50, For::backlog));
    EXPECT_FALSE(budget.take(26, For::output));
    EXPECT_TRUE(budget.take(25, For::output)) << "a quarter is always left for what leaves";
}

TEST(MemoryBudget, WhatWaitsFeelsTheOutput) {
    MemoryBudget budget(100);
    ASSERT_TRUE(budget.take(80, For::output));
    EXPECT_FALSE(budget.hasRoom(21, For::backlog));
    EXPECT_FALSE(budget.hasRoom(21, For::shared));
    EXPECT_TRUE(budget.take(20, For::backlog));
}

TEST(BudgetPurse, IsExactWithASmallBudget) {
    MemoryBudget budget(1000);
    BudgetPurse purse(budget);
    EXPECT_TRUE(purse.take(1000, For::output));
    EXPECT_FALSE(purse.take(1, For::output));
    purse.give(1000, For::output);
    EXPECT_EQ(budget.usedBytes(), 0u);
}

TEST(BudgetPurse, MovesOutputThatStays) {
    MemoryBudget budget(1000);
    BudgetPurse purse(budget);
    ASSERT_TRUE(purse.take(900, For::output));
    EXPECT_FALSE(purse.defer(501)) << "more than the half of it";
    EXPECT_EQ(budget.usedBytes(For::output), 900u);
    EXPECT_TRUE(purse.defer(500));
    EXPECT_EQ(budget.usedBytes(For::backlog), 500u);
    EXPECT_FALSE(purse.defer(1));
    EXPECT_TRUE(purse.defer(0));
    purse.resume(200);
    EXPECT_EQ(budget.usedBytes(For::backlog), 300u);
    EXPECT_EQ(budget.usedBytes(), 900u);
}

TEST(BudgetPurse, KeepsHalfFromTheBacklog) {
    MemoryBudget budget(1000);
    BudgetPurse purse(budget);
    EXPECT_FALSE(purse.take(501, For::backlog));
    EXPECT_TRUE(purse.take(500, For::backlog));
    EXPECT_FALSE(purse.hasRoom(1, For::backlog));
    EXPECT_TRUE(purse.take(500, For::output));
}

TEST(BudgetPurse, HoldsOnlyItsBulkUnused) {
    MemoryBudget budget(BudgetPurse::kSmallestSharedBytes);
    {
        BudgetPurse purse(budget);
        ASSERT_TRUE(purse.take(10'000'000, For::output));
        purse.give(10'000'000, For::output);
        EXPECT_LE(budget.usedBytes(), BudgetPurse::kBulkBytes);
        for (int i = 0; i < 10'000; ++i) {
            ASSERT_TRUE(purse.take(100, For::output));
            purse.give(100, For::output);
        }
        EXPECT_LE(budget.usedBytes(), BudgetPurse::kBulkBytes);
    }
    EXPECT_EQ(budget.usedBytes(), 0u) << "a shard that ends gives everything back";
}

}  // namespace
}  // namespace syncline::net
