// SPDX-License-Identifier: Apache-2.0
#include "core/timer_wheel.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace syncline::core {
namespace {

constexpr std::int64_t kTick = TimerWheel::kTickMs;
constexpr std::int64_t kTurn = kTick * static_cast<std::int64_t>(TimerWheel::kSlots);

TEST(TimerWheel, FiresOnceAtItsTimeAndNeverEarly) {
    for (const std::int64_t delayMs :
         {std::int64_t{0}, std::int64_t{1}, kTick - 1, kTick, kTick + 1, std::int64_t{1000},
          kTurn - 1, kTurn, kTurn + 1, 5 * kTurn}) {
        for (const std::int64_t startMs :
             {std::int64_t{0}, std::int64_t{3}, std::int64_t{123456}}) {
            TimerWheel wheel(startMs);
            std::vector<std::int64_t> firedAt;
            std::int64_t now = startMs;
            wheel.start(now, delayMs, [&] { firedAt.push_back(now); });
            for (; now <= startMs + delayMs + 3 * kTick; ++now) wheel.advance(now);
            ASSERT_EQ(firedAt.size(), 1u) << delayMs << " from " << startMs;
            EXPECT_GE(firedAt[0], startMs + delayMs);
            // Never into the tick that already ran, so up to two ticks.
            EXPECT_LE(firedAt[0], startMs + delayMs + 2 * kTick);
            EXPECT_EQ(wheel.size(), 0u);
        }
    }
}

TEST(TimerWheel, FiresAllThatIsDueAfterALongPauseInTheOrderOfTheirTimes) {
    TimerWheel wheel(0);
    std::vector<int> fired;
    wheel.start(0, 3 * kTurn, [&] { fired.push_back(3); });
    wheel.start(0, 10, [&] { fired.push_back(1); });
    wheel.start(0, kTurn + 20, [&] { fired.push_back(2); });
    wheel.start(0, 20 * kTurn, [&] { fired.push_back(4); });
    wheel.advance(10 * kTurn);
    EXPECT_EQ(fired, (std::vector<int>{1, 2, 3}));
    EXPECT_EQ(wheel.size(), 1u);
}

TEST(TimerWheel, AStoppedTimerDoesNotFireAndGivesItsTaskBackAtOnce) {
    TimerWheel wheel(0);
    const auto held = std::make_shared<int>(1);
    bool fired = false;
    const TimerWheel::Id id = wheel.start(0, 100, [&fired, held] { fired = true; });
    EXPECT_EQ(wheel.size(), 1u);
    wheel.stop(id);
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_EQ(wheel.size(), 0u);
    wheel.advance(1000);
    EXPECT_FALSE(fired);
}

TEST(TimerWheel, StoppingWhatIsGoneIsHarmless) {
    TimerWheel wheel(0);
    wheel.stop(TimerWheel::Id{});
    wheel.stop(TimerWheel::Id{99, 1});

    const TimerWheel::Id first = wheel.start(0, 10, [] {});
    wheel.stop(first);
    wheel.stop(first);

    // The next timer has the same place and another generation: the old name does not reach it.
    bool fired = false;
    const TimerWheel::Id second = wheel.start(0, 10, [&fired] { fired = true; });
    EXPECT_EQ(second.slot, first.slot);
    wheel.stop(first);
    wheel.stop(TimerWheel::Id{});
    wheel.advance(100);
    EXPECT_TRUE(fired);
    wheel.stop(second);
    EXPECT_EQ(wheel.size(), 0u);
}

TEST(TimerWheel, ATaskMayStopAnotherThatIsDueInTheSameAdvance) {
    TimerWheel wheel(0);
    bool secondFired = false;
    TimerWheel::Id second;
    wheel.start(0, 10, [&] { wheel.stop(second); });
    second = wheel.start(0, 50, [&] { secondFired = true; });
    wheel.advance(200);
    EXPECT_FALSE(secondFired);
}

TEST(TimerWheel, ATaskMayStartItselfAgainButNotIntoTheSameAdvance) {
    TimerWheel wheel(0);
    int fired = 0;
    std::int64_t now = 0;
    Task again;
    const auto restart = [&] {
        ++fired;
        wheel.start(now, 0, [&] { again(); });
    };
    again = restart;
    wheel.start(0, 0, [&] { again(); });
    for (int i = 1; i <= 5; ++i) {
        now = i * kTick;
        wheel.advance(now);
        EXPECT_EQ(fired, i) << "one round each: a zero delay cannot hold the shard";
    }
}

TEST(TimerWheel, ATaskMayStopItself) {
    TimerWheel wheel(0);
    TimerWheel::Id id;
    int fired = 0;
    id = wheel.start(0, 8, [&] {
        ++fired;
        wheel.stop(id);
    });
    wheel.advance(100);
    EXPECT_EQ(fired, 1);
    EXPECT_EQ(wheel.size(), 0u);
}

TEST(TimerWheel, TellsHowLongToSleep) {
    TimerWheel wheel(0);
    EXPECT_EQ(wheel.untilNextMs(0, 1000), 1000) << "nothing runs";
    const TimerWheel::Id id = wheel.start(0, 100, [] {});
    const std::int64_t wait = wheel.untilNextMs(0, 1000);
    EXPECT_GE(wait, 100);
    EXPECT_LE(wait, 100 + 2 * kTick);
    EXPECT_EQ(wheel.untilNextMs(0, 50), 50) << "never longer than asked";
    EXPECT_EQ(wheel.untilNextMs(500, 1000), 0) << "overdue";
    wheel.stop(id);
    wheel.start(0, 2 * kTurn, [] {});
    EXPECT_EQ(wheel.untilNextMs(0, 1000), 1000) << "a later round of the same slot is not now";
}

TEST(TimerWheel, SleepingAsToldFiresEverything) {
    TimerWheel wheel(0);
    int fired = 0;
    for (const std::int64_t delayMs : {7, 8, 9, 500, 4000, 4096, 4104, 12000}) {
        wheel.start(0, delayMs, [&fired] { ++fired; });
    }
    std::int64_t now = 0;
    int rounds = 0;
    while (wheel.size() > 0 && rounds < 1000) {
        now += std::max<std::int64_t>(1, wheel.untilNextMs(now, 60'000));
        wheel.advance(now);
        ++rounds;
    }
    EXPECT_EQ(fired, 8);
    EXPECT_LT(rounds, 40) << "the wheel says when, the loop need not look every tick";
}

TEST(TimerWheel, BehavesAsAMapOfTimesUnderRandomUse) {
    std::mt19937 random(20240131);
    const auto below = [&random](int end) {
        return std::uniform_int_distribution<int>(0, end - 1)(random);
    };
    TimerWheel wheel(0);
    std::int64_t now = 0;
    std::map<int, std::pair<std::int64_t, TimerWheel::Id>> running;
    for (int number = 0; number < 20'000; ++number) {
        const int action = below(10);
        if (action < 5) {
            const std::int64_t delayMs = below(3) == 0 ? below(20'000) : below(200);
            const TimerWheel::Id id = wheel.start(now, delayMs, [&running, &now, number] {
                ASSERT_TRUE(running.contains(number));
                EXPECT_LE(running.at(number).first, now);
                running.erase(number);
            });
            running[number] = {now + delayMs, id};
        } else if (action < 7 && !running.empty()) {
            auto chosen = running.lower_bound(below(number));
            if (chosen == running.end()) continue;
            wheel.stop(chosen->second.second);
            running.erase(chosen);
        } else {
            now += below(10) == 0 ? below(10'000) : below(30);
            wheel.advance(now);
            for (const auto& [key, timer] : running) ASSERT_GT(timer.first + 2 * kTick, now) << key;
        }
        ASSERT_EQ(wheel.size(), running.size());
    }
}

}  // namespace
}  // namespace syncline::core
