// SPDX-License-Identifier: Apache-2.0
#include "pipeline/runner.h"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/caller.h"
#include "support/fake_shard.h"

namespace syncline::pipeline {
namespace {

/// Does what the test tells it to.
class ScriptedStage final : public Stage {
public:
    explicit ScriptedStage(std::string name, Outcome outcome, bool blocks = false)
        : name_(std::move(name)), blocks_(blocks), outcome_(outcome) {}

    const std::string& name() const override { return name_; }
    bool blocking() const override { return blocks_; }
    Outcome run(Call& call, core::Error& error) override {
        ran.push_back(call.id);
        if (during) during(call);
        if (outcome_ == Outcome::refused) {
            error = core::Error::of(core::Code::forbidden, name_ + " says no");
        }
        return outcome_;
    }

    std::vector<CallId> ran;
    std::function<void(Call&)> during;

private:
    std::string name_;
    bool blocks_;
    Outcome outcome_;
};

/// Writes down what it is told.
class RecordingCaller final : public Caller {
public:
    const Principal* principal() const override { return nullptr; }
    std::string_view transport() const override { return "test"; }
    std::string_view address() const override { return "192.0.2.1"; }
    void answer(const Call&, std::string_view type, const json::Value*) override {
        events.push_back("answer " + std::string(type));
    }
    void refuse(Call&, const core::Error& error) override {
        events.push_back("refuse " + std::to_string(static_cast<int>(error.code)));
        lastError = error;
        if (onRefuse) onRefuse();
    }
    void departed(const Call&) override { events.push_back("departed"); }
    void ended(const Call&) override { events.push_back("ended"); }

    std::vector<std::string> events;
    core::Error lastError;
    std::function<void()> onRefuse;
};

class RunnerTest : public ::testing::Test {
protected:
    using Events = std::vector<std::string>;

    ScriptedStage& stage(Outcome outcome, bool blocks = false) {
        stages_.push_back(
            std::make_unique<ScriptedStage>("s" + std::to_string(stages_.size()), outcome, blocks));
        pipeline_.steps.push_back(
            {stages_.back().get(), "", 100, static_cast<std::uint32_t>(stages_.size() - 1)});
        return *stages_.back();
    }

    Runner& runner() {
        if (!runner_) runner_ = std::make_unique<Runner>(shard_, callsMax_, 8);
        return *runner_;
    }

    CallId start() {
        wire::ClientMessage message;
        message.type = "note";
        message.channel = "c";
        return runner().start(pipeline_, std::move(message), caller_).value();
    }

    void passMs(std::int64_t ms) {
        clock_.advanceMs(ms);
        shard_.settle();
    }

    tests::FakeClock clock_;
    tests::FakeShard shard_{clock_};
    RecordingCaller caller_;
    Pipeline pipeline_;
    std::size_t callsMax_ = 10;
    std::deque<std::unique_ptr<ScriptedStage>> stages_;
    std::unique_ptr<Runner> runner_;
};

TEST_F(RunnerTest, RunsTheStagesInOrderAndEndsBehindTheLast) {
    ScriptedStage& first = stage(Outcome::proceed);
    ScriptedStage& second = stage(Outcome::stop);
    const CallId id = start();
    EXPECT_EQ(first.ran, std::vector{id});
    EXPECT_EQ(second.ran, std::vector{id});
    EXPECT_EQ(caller_.events, (Events{"departed", "ended"}));
    EXPECT_EQ(runner().find(id), nullptr);
    EXPECT_EQ(runner().underWay(), 0U);
}

TEST_F(RunnerTest, RunsNothingBehindAStageThatStopped) {
    stage(Outcome::stop);
    ScriptedStage& second = stage(Outcome::stop);
    start();
    EXPECT_TRUE(second.ran.empty());
}

TEST_F(RunnerTest, TellsTheSenderWhatARefusingStageSaidAndRunsNothingBehindIt) {
    stage(Outcome::refused);
    ScriptedStage& second = stage(Outcome::stop);
    start();
    EXPECT_TRUE(second.ran.empty());
    EXPECT_EQ(caller_.events, (Events{"refuse 1303", "departed", "ended"}));
    EXPECT_EQ(caller_.lastError.reason, "s0 says no");
}

TEST_F(RunnerTest, APendingStageHoldsTheMessageUntilItCompletes) {
    stage(Outcome::pending);
    ScriptedStage& second = stage(Outcome::stop);
    const CallId id = start();
    EXPECT_TRUE(caller_.events.empty());
    EXPECT_TRUE(runner().complete(id, Outcome::proceed));
    EXPECT_EQ(second.ran.size(), 1U);
    EXPECT_EQ(caller_.events, (Events{"departed", "ended"}));
}

TEST_F(RunnerTest, APendingLastStageLetsTheMessagesBehindGo) {
    stage(Outcome::pending);
    const CallId id = start();
    EXPECT_EQ(caller_.events, (Events{"departed"}));
    EXPECT_TRUE(runner().complete(id, Outcome::stop));
    EXPECT_EQ(caller_.events, (Events{"departed", "ended"}));
}

TEST_F(RunnerTest, ABlockingLastStageHoldsTheMessagesBehindUntilItReturns) {
    stage(Outcome::pending, true);
    const CallId id = start();
    EXPECT_TRUE(caller_.events.empty());
    runner().complete(id, Outcome::stop);
    EXPECT_EQ(caller_.events, (Events{"departed", "ended"}));
}

TEST_F(RunnerTest, ASecondCompletionFindsNothing) {
    stage(Outcome::pending);
    const CallId id = start();
    EXPECT_TRUE(runner().complete(id, Outcome::stop));
    EXPECT_FALSE(runner().complete(id, Outcome::stop));
    EXPECT_EQ(runner().ending(id), Runner::Ending::finished);
}

TEST_F(RunnerTest, AnIdIsDeadOnceItsSlotServesAnotherCall) {
    stage(Outcome::pending);
    const CallId first = start();
    runner().complete(first, Outcome::stop);
    const CallId second = start();
    EXPECT_EQ(first.slot, second.slot);
    EXPECT_FALSE(runner().complete(first, Outcome::stop));
    EXPECT_NE(runner().find(second), nullptr);
}

TEST_F(RunnerTest, AStageThatIsNotAnsweringIsTimedOutAsRetryable) {
    stage(Outcome::pending);
    const CallId id = start();
    passMs(99);
    EXPECT_NE(runner().find(id), nullptr);
    passMs(100);
    EXPECT_EQ(runner().find(id), nullptr);
    EXPECT_EQ(caller_.events, (Events{"departed", "refuse 1002", "ended"}));
    EXPECT_TRUE(caller_.lastError.retry);
    EXPECT_EQ(runner().ending(id), Runner::Ending::timedOut);
    EXPECT_EQ(runner().figures()[0].timedOut.get(), 1U);
}

TEST_F(RunnerTest, EachStageHasADeadlineOfItsOwn) {
    stage(Outcome::pending);
    stage(Outcome::pending);
    const CallId id = start();
    passMs(80);
    runner().complete(id, Outcome::proceed);
    passMs(80);
    EXPECT_NE(runner().find(id), nullptr);
}

TEST_F(RunnerTest, ASenderWhoGoesHearsNothingMore) {
    stage(Outcome::pending);
    const CallId id = start();
    caller_.events.clear();
    runner().cancel(caller_);
    EXPECT_TRUE(caller_.events.empty());
    EXPECT_FALSE(runner().complete(id, Outcome::stop));
    EXPECT_EQ(runner().ending(id), Runner::Ending::cancelled);
    EXPECT_EQ(runner().underWay(), 0U);
}

TEST_F(RunnerTest, ASenderMayGoWhileItIsToldOfARefusal) {
    stage(Outcome::refused);
    caller_.onRefuse = [this] { runner().cancel(caller_); };
    const CallId id = start();
    EXPECT_EQ(runner().find(id), nullptr);
    EXPECT_EQ(runner().underWay(), 0U);
}

TEST_F(RunnerTest, ASenderMayGoWhileAStageRuns) {
    stage(Outcome::proceed).during = [this](Call&) { runner().cancel(caller_); };
    ScriptedStage& second = stage(Outcome::stop);
    start();
    EXPECT_TRUE(second.ran.empty());
    EXPECT_EQ(runner().underWay(), 0U);
}

TEST_F(RunnerTest, AStageMayEndItsOwnCallBeforeItReturns) {
    stage(Outcome::pending).during = [this](Call& call) {
        runner().refuse(call.id, core::Error::of(core::Code::internal, "gave up"));
    };
    start();
    EXPECT_EQ(caller_.events, (Events{"refuse 1001", "departed", "ended"}));
}

TEST_F(RunnerTest, AnAnswerThatComesWhileTheStageStillRunsEndsTheWaitItAsksFor) {
    stage(Outcome::pending).during = [this](Call& call) {
        EXPECT_TRUE(runner().complete(call.id, Outcome::proceed));
        EXPECT_FALSE(runner().complete(call.id, Outcome::stop));
    };
    ScriptedStage& second = stage(Outcome::stop);
    start();
    EXPECT_EQ(second.ran.size(), 1U);
    EXPECT_EQ(caller_.events, (Events{"departed", "ended"}));
}

TEST_F(RunnerTest, RefusesMoreCallsThanTheLimitWithARetry) {
    callsMax_ = 2;
    stage(Outcome::pending);
    start();
    const CallId second = start();
    const auto third = runner().start(pipeline_, wire::ClientMessage(), caller_);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, core::Code::busy);
    EXPECT_TRUE(third.error().retry);
    EXPECT_GT(third.error().retryAfterMs, 0U);
    runner().complete(second, Outcome::stop);
    EXPECT_TRUE(runner().start(pipeline_, wire::ClientMessage(), caller_));
}

TEST_F(RunnerTest, CountsWhatEachStageMadeOfItsMessages) {
    stage(Outcome::proceed);
    stage(Outcome::pending);
    const CallId id = start();
    const auto figures = runner().figures();
    EXPECT_EQ(figures[0].received.get(), 1U);
    EXPECT_EQ(figures[0].passed.get(), 1U);
    EXPECT_EQ(figures[0].inFlight.get(), 0U);
    EXPECT_EQ(figures[1].inFlight.get(), 1U);
    runner().complete(id, Outcome::stop);
    EXPECT_EQ(figures[1].inFlight.get(), 0U);
    EXPECT_EQ(figures[1].stopped.get(), 1U);
    EXPECT_GE(figures[0].sampledNs.count(), 1U);
}

TEST(PipelineTableTest, FindsPipelinesByTypeAndTheOneThatSubscribes) {
    PipelineTable table;
    Pipeline follow;
    follow.type = "follow";
    follow.subscribes = true;
    table.add(std::move(follow));
    Pipeline note;
    note.type = "note";
    table.add(std::move(note));
    EXPECT_EQ(table.find("note")->type, "note");
    EXPECT_EQ(table.find("nothing"), nullptr);
    EXPECT_EQ(table.subscribing()->type, "follow");
}

}  // namespace
}  // namespace syncline::pipeline
