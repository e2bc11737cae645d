// SPDX-License-Identifier: Apache-2.0
// What the contract says of conflict strategies: pure functions that always have a verdict.
#include <thread>

#include "conflicts.h"
#include "subject_test.h"

namespace syncline::conformance {
namespace {

class ConflictStrategy : public SubjectTest {
protected:
    static std::string what(const Question& question, const Decided& decided) {
        const auto shown = [](const std::optional<Json>& value) {
            return value ? value->text().substr(0, 200) : std::string("(absent)");
        };
        return question.kind + (question.baseKnown ? " on " : " on unknown ") +
               shown(question.base) + ", current " + shown(question.current) + ", incoming " +
               shown(question.incoming) + " -> " + decided.text().substr(0, 400);
    }
};

TEST_P(ConflictStrategy, GivesEveryPathExactlyOneVerdict) {
    const auto life = live();
    for (const Question& question : manyConflicts()) {
        const Decided decided = decide(*life, question);
        ASSERT_TRUE(decided.answer.ok()) << what(question, decided);
        for (const auto& verdicts : decided.verdicts) {
            ASSERT_EQ(verdicts.size(), 1U) << what(question, decided);
        }
    }
}

TEST_P(ConflictStrategy, GivesNoVerdictThatNoHostCanTake) {
    const auto life = live();
    for (const Question& question : manyConflicts()) {
        const Decided decided = decide(*life, question);
        for (const std::string& wrong : decided.wrong) {
            FAIL() << wrong << ": " << what(question, decided);
        }
    }
}

TEST_P(ConflictStrategy, EqualQuestionsHaveEqualVerdicts) {
    const auto life = live();
    const auto another = live();
    const std::vector<Question> questions = manyConflicts();
    std::vector<std::string> first;
    for (const Question& question : questions) first.push_back(decide(*life, question).text());
    life->host().clock().advance(12'345'678);
    // Backwards, so that whatever is remembered is another.
    for (std::size_t i = questions.size(); i-- > 0;) {
        ASSERT_EQ(decide(*life, questions[i]).text(), first[i]) << "asked again";
        ASSERT_EQ(decide(*another, questions[i]).text(), first[i]) << "asked of a second instance";
    }
}

TEST_P(ConflictStrategy, UsesNoClockNoChanceAndNoSystem) {
    const auto life = live();
    const std::size_t clock = life->host().ledger().uses(SYNCLINE_CLOCK_TABLE);
    const std::size_t random = life->host().ledger().uses(SYNCLINE_RANDOM_TABLE);
    const std::vector<Question> questions = manyConflicts();
    const SystemWatch watch;
    for (const Question& question : questions) decide(*life, question);
    for (const std::string& seen : watch.seen()) ADD_FAILURE() << "decide: " << seen;
    EXPECT_EQ(life->host().ledger().uses(SYNCLINE_CLOCK_TABLE), clock) << "now_ms is passed in";
    EXPECT_EQ(life->host().ledger().uses(SYNCLINE_RANDOM_TABLE), random);
}

TEST_P(ConflictStrategy, WhereBothSidesCameToTheSameNothingChanges) {
    const auto life = live();
    for (Question question : manyConflicts()) {
        for (TouchedPath& path : question.paths) path.incoming = path.current;
        question.incoming = question.current;
        question.otherwise = {};
        const Decided decided = decide(*life, question);
        for (std::size_t i = 0; i < question.paths.size(); ++i) {
            if (decided.verdicts[i].size() != 1) continue;
            const auto result = resultOf(decided.verdicts[i][0], question.paths[i]);
            ASSERT_EQ(result, question.paths[i].current) << what(question, decided);
        }
    }
}

TEST_P(ConflictStrategy, DecidingAgainOnItsOwnResultChangesNothing) {
    const auto life = live();
    for (const Question& question : manyConflicts()) {
        const Decided first = decide(*life, question);
        Question again = question;
        for (std::size_t i = 0; i < question.paths.size(); ++i) {
            if (first.verdicts[i].size() != 1) return;
            again.paths[i].current = resultOf(first.verdicts[i][0], question.paths[i]);
        }
        if (again.paths.size() == 1 && again.paths[0].path.empty()) {
            again.current = again.paths[0].current;
        }
        const Decided second = decide(*life, again);
        for (std::size_t i = 0; i < again.paths.size(); ++i) {
            ASSERT_EQ(second.verdicts[i].size(), 1U);
            ASSERT_EQ(resultOf(second.verdicts[i][0], again.paths[i]), again.paths[i].current)
                << what(question, first) << " and then " << what(again, second);
        }
    }
}

TEST_P(ConflictStrategy, ReadsThePathsOfANewerHost) {
    const auto life = live();
    for (const Question& question : manyConflicts()) {
        ASSERT_EQ(decide(*life, question, true).text(), decide(*life, question).text());
    }
}

TEST_P(ConflictStrategy, KeepsNothingThatItBorrowed) {
    const auto life = live();
    for (int round = 0; round < 3; ++round) decide(*life, smallConflict());
    life->end();
    expectGoodConduct(life->host());
}

TEST_P(ConflictStrategy, DecidesLargeConflictsInTime) {
    const auto life = live();
    const Question large = largeConflict();
    expectToReturn("decide", kReturnLimitMs, [&] {
        const Decided decided = decide(*life, large);
        EXPECT_TRUE(decided.answer.ok()) << decided.answer.reason;
    });
}

TEST_P(ConflictStrategy, WorksOnSeveralShardsAtOnce) {
    constexpr std::uint32_t shards = 4;
    const auto life = live(shards);
    const std::vector<Question> questions = manyConflicts();
    std::vector<std::string> expected;
    for (const Question& question : questions) expected.push_back(decide(*life, question).text());
    std::vector<std::thread> threads;
    std::vector<int> other(shards, 0);
    for (std::uint32_t shard = 0; shard < shards; ++shard) {
        threads.emplace_back([&, shard] {
            for (std::size_t i = shard; i < questions.size(); i += shards) {
                if (decide(*life, questions[i]).text() != expected[i]) ++other[shard];
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (const int count : other) EXPECT_EQ(count, 0) << "verdicts that differ";
}

INSTANTIATE_TEST_SUITE_P(Every, ConflictStrategy,
                         ::testing::ValuesIn(subjectsOf(SYNCLINE_CONFLICT_STRATEGY)), nameOfParam);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ConflictStrategy);

}  // namespace
}  // namespace syncline::conformance
