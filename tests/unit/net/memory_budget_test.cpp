// SPDX-License-Identifier: Apache-2.0
#include "net/memory_budget.h"

#include <gtest/gtest.h>

namespace syncline::net {
namespace {

using For = BudgetPurse::For;

TEST(MemoryBudget, RefusesWhatDoesNotFit) {
    MemoryBudget budget(100);
    EXPECT_TRUE(budget.take(60, 100));
    EXPECT_FALSE(budget.take(41, 100));
    EXPECT_TRUE(budget.take(40, 100));
    budget.give(100);
    EXPECT_EQ(budget.usedBytes(), 0u);
}

TEST(MemoryBudget, RefusesEverythingWhenItIsOverdrawn) {
    MemoryBudget budget(100);
    budget.takeAnyway(150);
    EXPECT_FALSE(budget.take(0, 100));
    EXPECT_FALSE(budget.take(1, 100));
}

TEST(BudgetPurse, IsExactWithASmallBudget) {
    MemoryBudget budget(1000);
    BudgetPurse purse(budget);
    EXPECT_TRUE(purse.take(1000, For::output));
    EXPECT_FALSE(purse.take(1, For::output));
    purse.give(1000);
    EXPECT_EQ(budget.usedBytes(), 0u);
}

TEST(BudgetPurse, KeepsAQuarterFromTheBacklog) {
    MemoryBudget budget(1000);
    BudgetPurse purse(budget);
    EXPECT_FALSE(purse.take(751, For::backlog));
    EXPECT_TRUE(purse.take(750, For::backlog));
    EXPECT_FALSE(purse.hasRoom(1, For::backlog));
    EXPECT_TRUE(purse.hasRoom(250, For::output));
    EXPECT_TRUE(purse.take(250, For::output));
}

TEST(BudgetPurse, HoldsOnlyItsBulkUnused) {
    MemoryBudget budget(BudgetPurse::kSmallestSharedBytes);
    {
        BudgetPurse purse(budget);
        ASSERT_TRUE(purse.take(10'000'000, For::output));
        purse.give(10'000'000);
        EXPECT_LE(budget.usedBytes(), BudgetPurse::kBulkBytes);
        for (int i = 0; i < 10'000; ++i) {
            ASSERT_TRUE(purse.take(100, For::output));
            purse.give(100);
        }
        EXPECT_LE(budget.usedBytes(), BudgetPurse::kBulkBytes);
    }
    EXPECT_EQ(budget.usedBytes(), 0u) << "a shard that ends gives everything back";
}

}  // namespace
}  // namespace syncline::net
