// SPDX-License-Identifier: Apache-2.0
#include "core/inbox.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace syncline::core {
namespace {

void runAll(std::vector<Task>& tasks) {
    for (Task& task : tasks) task();
}

TEST(Inbox, GivesTasksInTheOrderInWhichTheyCame) {
    Inbox inbox(10, [] {});
    std::vector<int> ran;
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(inbox.put([&ran, i] { ran.push_back(i); }));
    inbox.putAlways([&ran] { ran.push_back(4); });

    std::vector<Task> tasks;
    inbox.takeAll(tasks);
    runAll(tasks);
    EXPECT_EQ(ran, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(Inbox, WakesOnlyWhenItStopsBeingEmpty) {
    int wakes = 0;
    Inbox inbox(10, [&wakes] { ++wakes; });
    std::vector<Task> tasks;

    ASSERT_TRUE(inbox.put([] {}));
    inbox.putAlways([] {});
    EXPECT_EQ(wakes, 1);

    inbox.takeAll(tasks);
    EXPECT_EQ(tasks.size(), 2u);
    inbox.putAlways([] {});
    EXPECT_EQ(wakes, 2);
}

TEST(Inbox, RefusesBeyondItsLimitButNeverAnAnswer) {
    Inbox inbox(2, [] {});
    EXPECT_TRUE(inbox.put([] {}));
    EXPECT_TRUE(inbox.put([] {}));
    EXPECT_FALSE(inbox.put([] {}));
    inbox.putAlways([] {});
    EXPECT_FALSE(inbox.put([] {}));

    std::vector<Task> tasks;
    inbox.takeAll(tasks);
    EXPECT_EQ(tasks.size(), 3u);
    EXPECT_TRUE(inbox.put([] {})) << "there is room again";
}

TEST(Inbox, ARefusedTaskIsDestroyed) {
    Inbox inbox(0, [] {});
    auto held = std::make_shared<int>(1);
    EXPECT_FALSE(inbox.put([held] {}));
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_TRUE(inbox.empty());
}

TEST(Inbox, EmptyTellsWhetherThereIsSomethingToTake) {
    Inbox inbox(1, [] {});
    EXPECT_TRUE(inbox.empty());
    ASSERT_TRUE(inbox.put([] {}));
    EXPECT_FALSE(inbox.empty());
    std::vector<Task> tasks;
    inbox.takeAll(tasks);
    EXPECT_TRUE(inbox.empty());
    inbox.takeAll(tasks);
    EXPECT_TRUE(tasks.empty()) << "what was taken before does not come again";
}

TEST(Inbox, ATaskMayPostTheNextOne) {
    Inbox inbox(10, [] {});
    int ran = 0;
    ASSERT_TRUE(inbox.put([&] {
        ++ran;
        inbox.putAlways([&ran] { ++ran; });
    }));
    std::vector<Task> tasks;
    inbox.takeAll(tasks);
    runAll(tasks);
    EXPECT_EQ(ran, 1) << "a tick runs what was there when it began";
    inbox.takeAll(tasks);
    runAll(tasks);
    EXPECT_EQ(ran, 2);
}

TEST(Inbox, KeepsTheOrderOfEachOfManyPostersAndLosesNothing) {
    constexpr int kPosters = 4;
    constexpr int kEach = 5000;
    std::atomic<int> wakes{0};
    Inbox inbox(1'000'000, [&wakes] {
        ++wakes;
        wakes.notify_one();
    });
    std::vector<std::vector<int>> seen(kPosters);
    std::vector<std::thread> posters;
    for (int poster = 0; poster < kPosters; ++poster) {
        posters.emplace_back([&, poster] {
            for (int i = 0; i < kEach; ++i) {
                inbox.putAlways(
                    [&seen, poster, i] { seen[static_cast<std::size_t>(poster)].push_back(i); });
            }
        });
    }
    // The owner sleeps until it is woken, as a shard does: a lost wake-up would hang here.
    std::vector<Task> tasks;
    int taken = 0;
    for (int wakesSeen = 0; taken < kPosters * kEach;) {
        wakes.wait(wakesSeen);
        wakesSeen = wakes.load();
        inbox.takeAll(tasks);
        taken += static_cast<int>(tasks.size());
        runAll(tasks);
    }
    for (std::thread& poster : posters) poster.join();
    for (const std::vector<int>& numbers : seen) {
        ASSERT_EQ(numbers.size(), static_cast<std::size_t>(kEach));
        for (int i = 0; i < kEach; ++i) ASSERT_EQ(numbers[static_cast<std::size_t>(i)], i);
    }
}

}  // namespace
}  // namespace syncline::core
