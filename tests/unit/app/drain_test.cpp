// SPDX-License-Identifier: Apache-2.0
#include "app/drain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_shard.h"

namespace syncline::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

/// A server of which a test says when each thing is done, in milliseconds from the begin. It notes
/// what was asked of it, and when.
class FakeServer final : public DrainSteps {
public:
    explicit FakeServer(const core::Clock& clock) : clock_(clock), beganMs_(clock.steadyMs()) {}

    void beUnready() override { note("unready"); }
    void refuseNew() override { note("refuse"); }
    std::size_t clientsWaiting() override { return before(callsEndMs) && !givenUp_ ? 3 : 0; }
    void commitLast() override { note("commit"); }
    bool isCommitted() override { return !before(committedMs); }
    void giveUp() override {
        note("give up");
        givenUp_ = true;
    }
    std::size_t lineUp() override {
        note("line up");
        return clients;
    }
    void sendAway(std::size_t count) override {
        if (told.empty()) note("goodbye");
        told.emplace_back(nowMs(), count);
    }
    std::size_t connectionsLeaving() override {
        if (!std::exchange(seenOff_, true)) note("see off");
        return before(goneMs) ? 2 : 0;
    }
    std::size_t eventsLeft() override { return before(eventsEndMs) ? 5 : 0; }

    std::int64_t nowMs() const { return clock_.steadyMs() - beganMs_; }
    std::size_t toldUntil(std::int64_t ms) const {
        std::size_t sum = 0;
        for (const auto& [atMs, count] : told) sum += atMs <= ms ? count : 0;
        return sum;
    }

    std::int64_t callsEndMs = 0;
    std::int64_t committedMs = 0;
    std::int64_t goneMs = 0;
    std::int64_t eventsEndMs = 0;
    std::size_t clients = 0;
    std::vector<std::string> order;
    std::vector<std::int64_t> timesMs;
    std::vector<std::pair<std::int64_t, std::size_t>> told;

private:
    bool before(std::int64_t ms) const { return nowMs() < ms; }
    void note(const char* what) {
        order.emplace_back(what);
        timesMs.push_back(nowMs());
    }

    const core::Clock& clock_;
    const std::int64_t beganMs_;
    bool givenUp_ = false;
    bool seenOff_ = false;
};

class DrainTest : public ::testing::Test {
protected:
    DrainTest() {
        settings_.noticeMs = 0;
        log_ = std::make_shared<spdlog::logger>(
            "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(said_));
    }

    /// Answers how long it took, in milliseconds.
    std::int64_t run() {
        const std::int64_t beganMs = clock_.steadyMs();
        Drain(
            settings_, timeoutMs_, clock_, server_,
            [this](std::int64_t ms) { clock_.advanceMs(ms); }, log_)
            .run();
        return clock_.steadyMs() - beganMs;
    }

    std::string said() const { return said_.str(); }

    tests::FakeClock clock_;
    settings::DrainSettings settings_;
    std::int64_t timeoutMs_ = 20'000;
    std::ostringstream said_;
    std::shared_ptr<spdlog::logger> log_;
    FakeServer server_{clock_};
};

TEST_F(DrainTest, GoesInOrderAndTakesNoTimeWithNothingToDo) {
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(server_.order, ElementsAre("unready", "refuse", "commit", "line up", "see off"));
    EXPECT_TRUE(server_.told.empty());
}

TEST_F(DrainTest, IsUnreadyForTheNoticeBeforeItRefusesAnything) {
    settings_.noticeMs = 1'234;
    EXPECT_EQ(run(), 1'234);
    EXPECT_THAT(server_.timesMs, ElementsAre(0, 1'234, 1'234, 1'234, 1'234));
    EXPECT_THAT(said(), HasSubstr("another 1234 ms"));
}

TEST_F(DrainTest, WaitsForCallsBeforeTheLastCommitAndForThatBeforeTheGoodbyes) {
    server_.callsEndMs = 300;
    server_.committedMs = 500;
    server_.clients = 1;
    run();
    EXPECT_THAT(server_.order,
                ElementsAre("unready", "refuse", "commit", "line up", "goodbye", "see off"));
    EXPECT_EQ(server_.timesMs.at(2), 300);
    EXPECT_EQ(server_.timesMs.at(3), 500);
    EXPECT_THAT(said(), Not(HasSubstr("within")));
}

TEST_F(DrainTest, GivesUpCallsThatTakeLongerThanTheirLimit) {
    settings_.callsMs = 2'000;
    server_.callsEndMs = kNever;
    run();
    EXPECT_THAT(server_.order,
                ElementsAre("unready", "refuse", "commit", "give up", "line up", "see off"));
    EXPECT_EQ(server_.timesMs.at(2), 2'000);
    EXPECT_EQ(server_.timesMs.at(3), 2'000);
    EXPECT_THAT(said(), HasSubstr("3 clients have not been answered within 2000 ms (drain.calls)"));
}

TEST_F(DrainTest, LeavesTimeForTheRestOfItWhateverTheLimitOfCalls) {
    settings_.callsMs = 3'600'000;
    server_.callsEndMs = kNever;
    run();
    EXPECT_EQ(server_.timesMs.at(2), timeoutMs_ / 2);
}

TEST_F(DrainTest, ACallThatEndsDuringTheLastCommitIsNotGivenUp) {
    settings_.callsMs = 2'000;
    server_.callsEndMs = 2'500;
    server_.committedMs = 3'000;
    run();
    EXPECT_EQ(std::ranges::count(server_.order, "give up"), 0);
}

TEST_F(DrainTest, TellsEverybodyEvenIfAStorageNeverCommits) {
    server_.callsEndMs = kNever;
    server_.committedMs = kNever;
    server_.clients = 4;
    run();
    EXPECT_EQ(server_.order.at(3), "give up");
    EXPECT_EQ(server_.timesMs.at(3), timeoutMs_ / 4 * 3);
    EXPECT_EQ(server_.toldUntil(timeoutMs_), 4U);
    EXPECT_THAT(said(), HasSubstr("a storage has not committed within 15000 ms"));
}

TEST_F(DrainTest, SendsNoMoreAwayInASecondThanItMay) {
    settings_.perSecond = 500;
    server_.clients = 5'000;
    run();
    for (std::int64_t second = 1; second <= 10; ++second) {
        EXPECT_LE(server_.toldUntil(second * 1'000), static_cast<std::size_t>(500 * second));
        EXPECT_GE(server_.toldUntil(second * 1'000 + 10), static_cast<std::size_t>(500 * second));
    }
    EXPECT_THAT(said(), HasSubstr("5000 clients are told to go"));
    EXPECT_THAT(said(), Not(HasSubstr("faster")));
}

TEST_F(DrainTest, HurriesRatherThanCutOffWhoWasNotTold) {
    settings_.perSecond = 10;
    server_.clients = 5'000;
    EXPECT_LT(run(), timeoutMs_);
    EXPECT_EQ(server_.toldUntil(timeoutMs_ / 4 * 3 + 10), 5'000U);
    EXPECT_THAT(said(), HasSubstr("it goes faster"));
}

TEST_F(DrainTest, EndsWithItsTimeoutWhoeverDoesNotClose) {
    server_.goneMs = kNever;
    server_.eventsEndMs = kNever;
    EXPECT_EQ(run(), timeoutMs_);
    EXPECT_THAT(said(), HasSubstr("2 connections are cut off"));
    EXPECT_THAT(said(), HasSubstr("5 events are dropped"));
}

TEST_F(DrainTest, TheTimeoutBeginsBehindTheNotice) {
    settings_.noticeMs = 5'000;
    server_.goneMs = kNever;
    EXPECT_EQ(run(), 5'000 + timeoutMs_);
}

TEST_F(DrainTest, WithoutAnyTimeEveryStepIsTakenAllTheSame) {
    timeoutMs_ = 0;
    server_.callsEndMs = kNever;
    server_.committedMs = kNever;
    server_.goneMs = kNever;
    server_.clients = 7;
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(server_.order, ElementsAre("unready", "refuse", "commit", "give up", "line up",
                                           "goodbye", "see off"));
    EXPECT_EQ(server_.toldUntil(0), 7U);
}

}  // namespace
}  // namespace syncline::app
