// SPDX-License-Identifier: Apache-2.0
#include "bridge/strategy_adapter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "bridge/builder_table.h"
#include "unit/bridge/world.h"

namespace syncline::bridge::tests {
namespace {

using channel::ConflictQuestion;
using channel::PathVerdict;
using channel::TouchedPath;
using channel::Verdict;
using testing::HasSubstr;

class Otherwise final : public channel::ConflictStrategy {
public:
    bool asksAlways() const override { return false; }
    core::Result<std::vector<PathVerdict>> decide(const ConflictQuestion& question) override {
        for (const TouchedPath& path : question.paths) asked.emplace_back(path.path);
        if (fails) return core::fail(core::Code::pluginFailed, "the other failed");
        std::vector<PathVerdict> verdicts(1);
        if (keeps) verdicts[0].value = json::Value::object();
        return verdicts;
    }

    std::vector<std::string> asked;
    bool fails = false;
    bool keeps = false;  ///< the conflict
};

class StrategyAdapterTest : public testing::Test {
protected:
    using Decide = std::function<void(const syncline_conflict&, const syncline_verdicts&)>;

    StrategyAdapterTest() {
        question.channel = "c";
        question.key = "k";
        question.kind = "merge";
        question.paths = paths;
    }

    core::Result<std::vector<PathVerdict>> decide(Decide body) {
        script.decide = [body = std::move(body)](const syncline_conflict* conflict,
                                                 const syncline_verdicts* verdicts,
                                                 syncline_error*) {
            body(*conflict, *verdicts);
            return SYNCLINE_OK;
        };
        return adapter.decide(question);
    }

    World world;
    Script script;
    Made made{world, script, kStrategyComponent};
    StrategyAdapter adapter{made.started()};
    const json::Value one = 1;
    const json::Value two = 2;
    const std::vector<TouchedPath> paths = {{"/a", &one, &two, nullptr, 7},
                                            {"/b", nullptr, &two, &one, 0}};
    ConflictQuestion question;
};

TEST_F(StrategyAdapterTest, AsksWithAllThatIsKnown) {
    question.baseKnown = true;
    question.base = &one;
    question.by = "ann";
    question.theirBy = "bob";
    question.nowMs = 5;
    const auto verdicts =
        decide([&](const syncline_conflict& conflict, const syncline_verdicts& v) {
            EXPECT_EQ(toView(conflict.channel), "c");
            EXPECT_EQ(toView(conflict.key), "k");
            EXPECT_EQ(toView(conflict.kind), "merge");
            EXPECT_EQ(conflict.base_known, 1U);
            EXPECT_EQ(toValue(conflict.base), &one);
            EXPECT_EQ(conflict.current, nullptr);
            EXPECT_EQ(toView(conflict.by), "ann");
            EXPECT_EQ(toView(conflict.their_by), "bob");
            EXPECT_EQ(conflict.now_ms, 5);
            EXPECT_EQ(conflict.path_count, 2U);
            EXPECT_EQ(toView(conflict.paths[0].path), "/a");
            EXPECT_EQ(toValue(conflict.paths[0].current), &two);
            EXPECT_EQ(conflict.paths[0].incoming, nullptr);
            EXPECT_EQ(conflict.paths[0].stamp_seq, 7U);
            v.give(&v, 1, SYNCLINE_TAKE, nullptr);
            v.give(&v, 0, SYNCLINE_KEEP, nullptr);
        });
    ASSERT_TRUE(verdicts);
    EXPECT_EQ((*verdicts)[0].verdict, Verdict::keep);
    EXPECT_EQ((*verdicts)[1].verdict, Verdict::take);
}

TEST_F(StrategyAdapterTest, CopiesWhatIsPut) {
    const auto verdicts = decide([](const syncline_conflict&, const syncline_verdicts& v) {
        syncline_builder* builder = v.builder(&v);
        kBuilderTable.json(builder, toText(R"({"x":1})"));
        v.give(&v, 0, SYNCLINE_PUT, v.built(&v));
        EXPECT_EQ(v.builder(&v), builder);
        EXPECT_EQ(v.built(&v), nullptr);
        kBuilderTable.number(builder, 2);
        v.give(&v, 1, SYNCLINE_PUT, v.built(&v));
    });
    ASSERT_TRUE(verdicts);
    EXPECT_EQ(json::toText(*(*verdicts)[0].value), R"({"x":1})");
    EXPECT_EQ(json::toText(*(*verdicts)[1].value), "2");
}

TEST_F(StrategyAdapterTest, SaysWhatConflictsAndWhatWasStampedWhen) {
    const std::vector<channel::SeenClock> clocks = {{"/a", {5, 2}, -1, true}};
    const std::vector<TouchedPath> touched = {{"/a", nullptr, &two, &one, 7, true},
                                              {"/b", nullptr, &two, &one, 7, false}};
    question.paths = touched;
    question.clocks = clocks;
    question.baseSeq = 0;
    question.version = 9;
    question.misfitStep = 3;
    const auto verdicts = decide([](const syncline_conflict& conflict, const syncline_verdicts& v) {
        EXPECT_EQ(conflict.paths[0].conflicts, 1U);
        EXPECT_EQ(conflict.paths[1].conflicts, 0U);
        EXPECT_EQ(conflict.has_base, 1U);
        EXPECT_EQ(conflict.base_seq, 0U);
        EXPECT_EQ(conflict.version, 9U);
        EXPECT_EQ(conflict.misfit_step, 3);
        ASSERT_EQ(conflict.clock_count, 1U);
        EXPECT_EQ(toView(conflict.clocks[0].path), "/a");
        EXPECT_EQ(conflict.clocks[0].ms, 5);
        EXPECT_EQ(conflict.clocks[0].counter, 2U);
        EXPECT_EQ(conflict.clocks[0].author, -1);
        EXPECT_EQ(conflict.clocks[0].commutes, 1U);
        for (std::size_t i = 0; i < 2; ++i) v.give(&v, i, SYNCLINE_TAKE, nullptr);
    });
    ASSERT_TRUE(verdicts);
    EXPECT_FALSE((*verdicts)[0].clock) << "nothing was stamped";
}

TEST_F(StrategyAdapterTest, TakesReasonsPlacesRevivalsAndStamps) {
    const auto verdicts = decide([](const syncline_conflict&, const syncline_verdicts& v) {
        v.stamp(&v, 70, 4);
        syncline_builder* builder = v.builder(&v);
        kBuilderTable.json(builder, toText(R"({"from":"a"})"));
        v.refuse(&v, 0, toText("because"), v.built(&v));
        v.revive(&v, 1);
    });
    ASSERT_TRUE(verdicts);
    EXPECT_EQ((*verdicts)[0].verdict, Verdict::refuse);
    EXPECT_EQ((*verdicts)[0].reason, "because");
    EXPECT_EQ(json::toText(*(*verdicts)[0].detail), R"({"from":"a"})");
    EXPECT_EQ((*verdicts)[1].verdict, Verdict::take);
    EXPECT_TRUE((*verdicts)[1].revives);
    for (const PathVerdict& verdict : *verdicts) EXPECT_EQ(verdict.clock, (channel::Hlc{70, 4}));

    const auto placed = decide([](const syncline_conflict&, const syncline_verdicts& v) {
        const json::Value id("x");
        v.take_behind(&v, 0, toHandle(&id));
        v.refuse(&v, 1, toText("without detail"), nullptr);
    });
    ASSERT_TRUE(placed);
    EXPECT_EQ((*placed)[0].verdict, Verdict::take);
    EXPECT_EQ(json::toText(*(*placed)[0].behind), "\"x\"");
    EXPECT_FALSE((*placed)[1].detail);

    const auto nowhere = decide([](const syncline_conflict&, const syncline_verdicts& v) {
        v.take_behind(&v, 0, nullptr);
        v.give(&v, 1, SYNCLINE_TAKE, nullptr);
    });
    ASSERT_FALSE(nowhere);
    EXPECT_THAT(nowhere.error().reason, HasSubstr("behind nothing"));
}

TEST_F(StrategyAdapterTest, FailsWithoutExactlyOneVerdictPerPath) {
    const json::Value value = 1;
    const std::pair<const char*, Decide> cases[] = {
        {"left without", [](const syncline_conflict&, const syncline_verdicts&) {}},
        {"left without", [](const syncline_conflict&,
                            const syncline_verdicts& v) { v.give(&v, 1, SYNCLINE_TAKE, nullptr); }},
        {"two verdicts",
         [](const syncline_conflict&, const syncline_verdicts& v) {
             for (int i = 0; i < 2; ++i) v.give(&v, 0, SYNCLINE_TAKE, nullptr);
             v.give(&v, 1, SYNCLINE_TAKE, nullptr);
         }},
        {"not asked about",
         [](const syncline_conflict&, const syncline_verdicts& v) {
             for (std::size_t i = 0; i < 3; ++i) v.give(&v, i, SYNCLINE_TAKE, nullptr);
         }},
        {"no known verdict",
         [](const syncline_conflict&, const syncline_verdicts& v) { v.give(&v, 0, 99, nullptr); }},
        {"no known verdict",
         [](const syncline_conflict&, const syncline_verdicts& v) {
             v.give(&v, 0, SYNCLINE_PUT, nullptr);
         }},
        {"two verdicts",
         [](const syncline_conflict&, const syncline_verdicts& v) {
             v.otherwise(&v, 0);
             v.otherwise(&v, 0);
         }},
    };
    std::uint64_t misbehaviours = 0;
    for (const auto& [what, body] : cases) {
        const auto verdicts = decide(body);
        ASSERT_FALSE(verdicts) << what;
        EXPECT_EQ(verdicts.error().code, core::Code::pluginFailed);
        EXPECT_THAT(verdicts.error().reason, HasSubstr(what));
        EXPECT_EQ(made.instance.conduct().misbehaviours(), ++misbehaviours);
    }
}

TEST_F(StrategyAdapterTest, AsksTheOtherAboutThatPathAlone) {
    Otherwise otherwise;
    adapter.setOtherwise(&otherwise);
    const Decide body = [](const syncline_conflict&, const syncline_verdicts& v) {
        v.give(&v, 0, SYNCLINE_TAKE, nullptr);
        v.otherwise(&v, 1);
    };
    const auto verdicts = decide(body);
    ASSERT_TRUE(verdicts);
    EXPECT_EQ((*verdicts)[1].verdict, Verdict::conflict);
    EXPECT_EQ(otherwise.asked, std::vector<std::string>{"/b"});
    otherwise.fails = true;
    EXPECT_EQ(decide(body).error().reason, "the other failed");
}

TEST_F(StrategyAdapterTest, AConflictIsKeptAsTheStrategySays) {
    const json::Value how = json::Value::object();
    const auto verdicts = decide([&how](const syncline_conflict&, const syncline_verdicts& v) {
        v.give(&v, 0, SYNCLINE_CONFLICT, toHandle(&how));
        v.give(&v, 1, SYNCLINE_CONFLICT, nullptr);
    });
    ASSERT_TRUE(verdicts);
    EXPECT_TRUE((*verdicts)[0].value);
    EXPECT_FALSE((*verdicts)[1].value);
}

TEST_F(StrategyAdapterTest, AConflictIsKeptAsTheOtherSays) {
    Otherwise otherwise;
    otherwise.keeps = true;
    adapter.setOtherwise(&otherwise);
    const auto verdicts = decide([](const syncline_conflict& conflict, const syncline_verdicts& v) {
        v.otherwise(&v, 0);
        const syncline_value* put = nullptr;
        EXPECT_EQ(v.otherwise_at(&v, 1, &conflict.paths[1], &put), SYNCLINE_CONFLICT);
        v.give(&v, 1, SYNCLINE_CONFLICT, nullptr);
    });
    ASSERT_TRUE(verdicts);
    EXPECT_TRUE((*verdicts)[0].value);
    EXPECT_TRUE((*verdicts)[1].value);
}

TEST_F(StrategyAdapterTest, IsAConflictWithoutAnother) {
    const auto verdicts = decide([](const syncline_conflict&, const syncline_verdicts& v) {
        v.otherwise(&v, 0);
        v.otherwise(&v, 1);
    });
    ASSERT_TRUE(verdicts);
    EXPECT_EQ((*verdicts)[0].verdict, Verdict::conflict);
}

TEST_F(StrategyAdapterTest, PassesOnWhyAStrategyFailed) {
    script.decide = [](const syncline_conflict*, const syncline_verdicts*, syncline_error* error) {
        std::strcpy(error->reason, "no idea");
        return SYNCLINE_FAILED;
    };
    EXPECT_EQ(adapter.decide(question).error().reason, "no idea");
    script.decide = [](const syncline_conflict*, const syncline_verdicts*,
                       syncline_error*) -> syncline_status { throw 1; };
    EXPECT_EQ(adapter.decide(question).error().code, core::Code::pluginFailed);
}

TEST_F(StrategyAdapterTest, NamesADecisionThatTookTooLong) {
    const auto takes = [&](std::int64_t ms) {
        return decide([&, ms](const syncline_conflict&, const syncline_verdicts& v) {
            world.clock.advanceMs(ms);
            for (std::size_t i = 0; i < 2; ++i) v.give(&v, i, SYNCLINE_TAKE, nullptr);
        });
    };
    EXPECT_TRUE(takes(5));
    EXPECT_EQ(adapter.slowDecisions(), 0U);
    EXPECT_TRUE(takes(6));
    EXPECT_EQ(adapter.slowDecisions(), 1U);
    EXPECT_THAT(world.log.str(), HasSubstr("a decision on channel 'c' took 6000 us"));
}

}  // namespace
}  // namespace syncline::bridge::tests
