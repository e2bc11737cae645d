// SPDX-License-Identifier: Apache-2.0
#include "observe/counter.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace syncline::observe {
namespace {

enum class Traffic { received, refused, count_ };

TEST(CounterTable, AddsUpTheRowsOfAllShards) {
    CounterTable table(3, 20);
    table.add(0, 0);
    table.add(1, 0, 10);
    table.add(2, 0, 100);
    table.add(2, 19, 7);
    EXPECT_EQ(table.total(0), 111u);
    EXPECT_EQ(table.total(19), 7u);
    EXPECT_EQ(table.at(1, 0), 10u);
    for (std::size_t column = 1; column < 19; ++column) EXPECT_EQ(table.total(column), 0u);
}

TEST(Counters, AreNamedByAnEnumeration) {
    Counters<Traffic> counters(2);
    counters.add(0, Traffic::received, 5);
    counters.add(1, Traffic::received);
    counters.add(1, Traffic::refused);
    EXPECT_EQ(counters.total(Traffic::received), 6u);
    EXPECT_EQ(counters.total(Traffic::refused), 1u);
}

TEST(Counters, LoseNothingWhenEveryShardCountsWhileAnotherThreadLooks) {
    constexpr std::size_t kShards = 4;
    constexpr std::uint64_t kEach = 50'000;
    Counters<Traffic> counters(kShards);
    std::vector<std::thread> threads;
    for (std::size_t shard = 0; shard < kShards; ++shard) {
        threads.emplace_back([&counters, shard] {
            for (std::uint64_t i = 0; i < kEach; ++i) counters.add(shard, Traffic::received);
        });
    }
    std::uint64_t last = 0;
    while (last < kShards * kEach) {
        const std::uint64_t now = counters.total(Traffic::received);
        ASSERT_GE(now, last) << "a counter never goes back";
        last = now;
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(counters.total(Traffic::received), kShards * kEach);
    EXPECT_EQ(counters.total(Traffic::refused), 0u);
}

}  // namespace
}  // namespace syncline::observe
