// SPDX-License-Identifier: Apache-2.0
#include "core/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

namespace syncline::core::tests {
namespace {

/// Jobs that stay until the gate opens.
struct Gate {
    std::promise<void> promise;
    std::shared_future<void> opened{promise.get_future()};
    void open() { promise.set_value(); }
};

TEST(WorkerPool, RunsJobsAtTheSameTime) {
    WorkerPool pool(2, 0);
    Gate first;
    Gate second;
    Gate firstMet;
    Gate secondMet;
    // Each waits for the other: one after another would never end.
    EXPECT_TRUE(pool.submit([&](bool) {
        first.open();
        second.opened.wait();
        firstMet.open();
    }));
    EXPECT_TRUE(pool.submit([&](bool) {
        second.open();
        first.opened.wait();
        secondMet.open();
    }));
    firstMet.opened.wait();
    secondMet.opened.wait();
}

TEST(WorkerPool, TakesNoMoreThanRunAndWait) {
    Gate gate;
    std::atomic<int> ran{0};
    WorkerPool pool(2, 3);
    const auto job = [&, opened = gate.opened](bool) {
        opened.wait();
        ++ran;
    };
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(pool.submit(job)) << i;
    EXPECT_FALSE(pool.submit(job));
    gate.open();
}

TEST(WorkerPool, DropsWhatWaitsWhenItStops) {
    Gate gate;
    std::atomic<int> ran{0};
    std::atomic<int> dropped{0};
    std::promise<void> running;
    WorkerPool pool(1, 3);
    EXPECT_TRUE(pool.submit([&, opened = gate.opened](bool) {
        running.set_value();
        opened.wait();
        ++ran;
    }));
    running.get_future().wait();
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(pool.submit([&](bool run) { ++(run ? ran : dropped); }));
    }
    EXPECT_FALSE(pool.stop(0));
    EXPECT_EQ(dropped, 3);
    EXPECT_EQ(pool.running(), 1U);
    EXPECT_FALSE(pool.submit([](bool) {}));
    gate.open();
    EXPECT_TRUE(pool.stop(60'000));
    EXPECT_EQ(ran, 1);
}

TEST(WorkerPool, GivesBackWhatAJobHoldsBeforeItCountsAsDone) {
    WorkerPool pool(1, 1);
    auto held = std::make_shared<int>(1);
    Gate ran;
    EXPECT_TRUE(pool.submit([held, &ran](bool) { ran.open(); }));
    ran.opened.wait();
    EXPECT_TRUE(pool.stop(60'000));
    EXPECT_EQ(held.use_count(), 1);
}

TEST(WorkerPool, WithoutThreadsWorksForWhoeverAsks) {
    WorkerPool pool(0, 2);
    int ran = 0;
    int dropped = 0;
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(pool.submit([&](bool run) { ++(run ? ran : dropped); }));
    }
    EXPECT_FALSE(pool.submit([](bool) {}));
    EXPECT_TRUE(pool.runOne());
    EXPECT_EQ(ran, 1);
    pool.join();
    EXPECT_FALSE(pool.runOne());
    EXPECT_EQ(dropped, 1);
}

}  // namespace
}  // namespace syncline::core::tests
