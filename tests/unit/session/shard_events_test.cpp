// SPDX-License-Identifier: Apache-2.0
#include "session/shard_events.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "json/write.h"
#include "support/fake_shard.h"

namespace syncline::session {
namespace {

using channel::EventKind;

class ScriptedStage final : public pipeline::Stage {
public:
    const std::string& name() const override { return name_; }
    bool blocking() const override { return false; }
    pipeline::Outcome run(pipeline::Call& call, core::Error& error) override {
        seen.push_back(json::toText(call.message.body));
        ids.push_back(call.id);
        error = core::Error::of(core::Code::forbidden, "no");
        if (during) during(call);
        return outcome;
    }

    pipeline::Outcome outcome = pipeline::Outcome::proceed;
    std::vector<std::string> seen;
    std::vector<pipeline::CallId> ids;
    std::function<void(pipeline::Call&)> during;

private:
    const std::string name_ = "scripted";
};

class ShardEventsTest : public ::testing::Test {
protected:
    ShardEventsTest() {
        pipeline::Pipeline pipeline;
        pipeline.type = "event.committed";
        pipeline.steps.push_back({&stage_, "scripted", 1'000, 0});
        table_.addEvent("committed", std::move(pipeline));
        events_.serve(runner_, table_);
    }

    void tell(int number) {
        json::Value body = json::Value::object();
        body.set("channel", "c");
        body.set("number", number);
        events_.take(EventKind::committed, std::move(body));
    }

    static std::uint64_t count(const ShardEvents::Counts& counts) {
        return counts[static_cast<std::size_t>(EventKind::committed)].get();
    }

    tests::FakeClock clock_;
    tests::FakeShard shard_{clock_};
    ScriptedStage stage_;
    pipeline::PipelineTable table_;
    pipeline::Runner runner_{shard_, 1'000, 1, 1};
    ShardEvents events_{
        shard_,
        {5, 2},
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>())};
};

TEST_F(ShardEventsTest, RunsAnEventAsAMessageBehindTheTickThatTellsOfIt) {
    tell(1);
    EXPECT_TRUE(stage_.seen.empty());
    shard_.settle();
    ASSERT_EQ(stage_.seen.size(), 1U);
    EXPECT_EQ(stage_.seen[0],
              R"({"channel":"c","number":1,"type":"event.committed","at":1700000000000})");
    EXPECT_EQ(events_.underWay(), 0U);
    EXPECT_EQ(count(events_.taken()), 1U);
}

TEST_F(ShardEventsTest, WantsOnlyWhatHasAPipeline) {
    EXPECT_TRUE(events_.wants(EventKind::committed));
    EXPECT_FALSE(events_.wants(EventKind::conflict));
    events_.take(EventKind::conflict, json::Value::object());
    EXPECT_EQ(events_.waiting(), 0U);
}

TEST_F(ShardEventsTest, DropsAndCountsWhatIsBeyondTheLimit) {
    stage_.outcome = pipeline::Outcome::pending;
    for (int i = 0; i < 2; ++i) tell(i);
    shard_.settle();
    EXPECT_EQ(events_.underWay(), 2U);
    for (int i = 2; i < 10; ++i) tell(i);
    shard_.settle();
    EXPECT_EQ(events_.underWay(), 2U);
    EXPECT_EQ(events_.waiting(), 5U);
    EXPECT_EQ(count(events_.dropped()), 3U);
    EXPECT_EQ(count(events_.taken()), 10U);
}

TEST_F(ShardEventsTest, GoesOnInOrderWhenAStageHasAnswered) {
    stage_.outcome = pipeline::Outcome::pending;
    for (int i = 0; i < 4; ++i) tell(i);
    shard_.settle();
    ASSERT_EQ(stage_.ids.size(), 2U);
    runner_.complete(stage_.ids[0], pipeline::Outcome::stop);
    runner_.complete(stage_.ids[1], pipeline::Outcome::proceed);
    shard_.settle();
    ASSERT_EQ(stage_.seen.size(), 4U);
    EXPECT_NE(stage_.seen[3].find("\"number\":3"), std::string::npos);
}

TEST_F(ShardEventsTest, AStageThatNeverAnswersLosesItsEventToTheTimeOut) {
    stage_.outcome = pipeline::Outcome::pending;
    for (int i = 0; i < 3; ++i) tell(i);
    shard_.settle();
    clock_.advanceMs(2'000);
    shard_.tick();
    shard_.settle();
    EXPECT_EQ(stage_.seen.size(), 3U);
    EXPECT_EQ(count(events_.refused()), 2U);
}

TEST_F(ShardEventsTest, ARefusalReachesNobodyAndIsCounted) {
    stage_.outcome = pipeline::Outcome::refused;
    tell(1);
    shard_.settle();
    EXPECT_EQ(count(events_.refused()), 1U);
    EXPECT_EQ(events_.underWay(), 0U);
}

TEST_F(ShardEventsTest, OfAnEventNoStageFindsASession) {
    bool client = true;
    stage_.during = [&](pipeline::Call& call) { client = call.caller->isClient(); };
    tell(1);
    shard_.settle();
    EXPECT_FALSE(client);
}

TEST_F(ShardEventsTest, AfterTheStopNothingIsLeft) {
    stage_.outcome = pipeline::Outcome::pending;
    for (int i = 0; i < 4; ++i) tell(i);
    shard_.settle();
    events_.stop();
    tell(5);
    shard_.settle();
    EXPECT_EQ(runner_.underWay(), 0U);
    EXPECT_EQ(events_.waiting(), 0U);
    EXPECT_EQ(events_.underWay(), 0U);
}

}  // namespace
}  // namespace syncline::session
