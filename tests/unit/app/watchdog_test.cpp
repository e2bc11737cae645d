// SPDX-License-Identifier: Apache-2.0
#include "app/watchdog.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

#include "support/fake_shard.h"

namespace syncline::app {
namespace {

class WatchdogTest : public ::testing::Test {
protected:
    WatchdogTest() {
        log_ = std::make_shared<spdlog::logger>(
            "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(said_));
    }

    /// A limit that its own thread never gets to look at: the test looks.
    std::unique_ptr<Watchdog> watch() {
        std::vector<Watchdog::Subject> subjects;
        subjects.push_back({[] { return std::int64_t{0}; }, [] { return "asleep"; }});
        subjects.push_back(
            {[this] { return tickStartedMs_; }, [] { return "plugin slow, on_message"; }});
        return std::make_unique<Watchdog>(clock_, kLimitMs, std::move(subjects), log_);
    }

    static constexpr std::int64_t kLimitMs = 1'000'000;
    tests::FakeClock clock_;
    std::int64_t tickStartedMs_ = 0;
    std::ostringstream said_;
    std::shared_ptr<spdlog::logger> log_;
};

TEST_F(WatchdogTest, IsQuietWhileShardsTickOrSleep) {
    const auto dog = watch();
    tickStartedMs_ = clock_.steadyMs();
    clock_.advanceMs(kLimitMs);
    dog->look();
    EXPECT_FALSE(dog->trouble());
    EXPECT_EQ(said_.str(), "");
}

TEST_F(WatchdogTest, NamesShardPluginFunctionAndDurationOfAStandstill) {
    const auto dog = watch();
    tickStartedMs_ = clock_.steadyMs();
    clock_.advanceMs(kLimitMs + 1);
    dog->look();
    EXPECT_EQ(*dog->trouble(), "shard 1 has stood still for 1000001 ms in plugin slow, on_message");
    EXPECT_NE(said_.str().find("shard 1 has stood still"), std::string::npos);
    EXPECT_NE(said_.str().find("plugin slow, on_message"), std::string::npos);
}

TEST_F(WatchdogTest, TellsOfAStandstillOnceAndOfItsEnd) {
    const auto dog = watch();
    tickStartedMs_ = clock_.steadyMs();
    clock_.advanceMs(kLimitMs + 1);
    dog->look();
    said_.str("");
    dog->look();
    EXPECT_EQ(said_.str(), "");
    tickStartedMs_ = 0;
    dog->look();
    EXPECT_FALSE(dog->trouble());
    EXPECT_NE(said_.str().find("shard 1 goes on"), std::string::npos);
}

TEST_F(WatchdogTest, CountsWhoStandsStillAndHowOftenThatBegan) {
    const auto dog = watch();
    EXPECT_EQ(dog->stalled(), 0U);
    for (int i = 0; i < 2; ++i) {
        tickStartedMs_ = clock_.steadyMs();
        clock_.advanceMs(kLimitMs + 1);
        dog->look();
        dog->look();
        EXPECT_EQ(dog->stalled(), 1U);
        tickStartedMs_ = 0;
        dog->look();
        EXPECT_EQ(dog->stalled(), 0U);
    }
    EXPECT_EQ(dog->stalls(), 2U);
}

}  // namespace
}  // namespace syncline::app
