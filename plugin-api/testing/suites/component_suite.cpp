// SPDX-License-Identifier: Apache-2.0
// What the contract says of components of all kinds: how they describe themselves, how they live.
#include <algorithm>
#include <array>
#include <thread>

#include "subject_test.h"
#include "traffic.h"

namespace syncline::conformance {
namespace {

/// What the heap came to over some rounds: the least in each quarter of them.
struct Growth {
    static constexpr int quarterRounds = 10;
    std::array<std::int64_t, 4> least = {};

    std::int64_t bytesPerRound() const { return (least[3] - least[0]) / (3 * quarterRounds); }
    /// Caches grow once in a while; what grows from quarter to quarter is a leak, of however
    /// little.
    bool isLeak() const {
        constexpr std::int64_t leastBytes = 8 * quarterRounds;
        return least[1] - least[0] >= leastBytes && least[2] - least[1] >= leastBytes &&
               least[3] - least[2] >= leastBytes;
    }
};

/// Each round on a thread of its own: what the allocator keeps for a thread is given up with it.
template <class Round>
Growth growthOver(const Round& round) {
    constexpr int warmUps = 10;
    for (int i = 0; i < warmUps; ++i) std::thread(round).join();
    Growth growth;
    for (std::int64_t& least : growth.least) {
        least = INT64_MAX;
        for (int i = 0; i < Growth::quarterRounds; ++i) {
            std::thread(round).join();
            least = std::min(least, static_cast<std::int64_t>(heapBytes()));
        }
    }
    return growth;
}

class Component : public SubjectTest {
protected:
    /// The configurations that the subject's author says are refused.
    const Json::Array& refusedConfigs() const { return subject().facts.list("refusedConfigs"); }
    const Json::Array& unstartableConfigs() const {
        return subject().facts.list("unstartableConfigs");
    }
    Json inFolder(const Json& config) const { return replaced(config, "FOLDER", folder.path()); }
};

TEST_P(Component, IsWhatItsManifestSays) {
    const syncline_plugin& plugin = subject().library->plugin();
    const Json& manifest = subject().library->manifest();
    EXPECT_EQ(plugin.abi_major, SYNCLINE_ABI_MAJOR);
    EXPECT_LE(plugin.abi_minor, SYNCLINE_ABI_MINOR);
    EXPECT_EQ(manifest.string("id"), plugin.id);
    EXPECT_EQ(manifest.string("version"), plugin.version);
    EXPECT_EQ(manifest.list("components").size(), plugin.component_count);
    EXPECT_EQ(subject().manifest().string("kind"), nameOf(component().kind));
    EXPECT_NE(component().create, nullptr);
    EXPECT_NE(component().destroy, nullptr);
    ASSERT_NE(component().functions, nullptr);
}

TEST_P(Component, CreateDoesNoWork) {
    const Holdings before = currentHoldings();
    Life life(component());
    {
        const SystemWatch watch;
        expectOk(life.create());
        for (const std::string& seen : watch.seen()) ADD_FAILURE() << "create: " << seen;
    }
    const Holdings after = holdingsAfter(before);
    EXPECT_EQ(after.threads, before.threads) << "create started a thread";
    EXPECT_EQ(after.descriptors, before.descriptors) << "create left something open";
    EXPECT_EQ(life.host().ledger().usesOfServices(), 0U) << "create used what the host lends";
}

TEST_P(Component, ValidateDoesNoInputOrOutput) {
    const Holdings before = currentHoldings();
    const Json configuration = config();
    Life life(component());
    expectOk(life.create());
    {
        const SystemWatch watch;
        expectOk(life.validate(configuration));
        for (const std::string& seen : watch.seen()) ADD_FAILURE() << "validate: " << seen;
    }
    const Holdings after = holdingsAfter(before);
    EXPECT_EQ(after.threads, before.threads) << "validate started a thread";
    EXPECT_EQ(after.descriptors, before.descriptors) << "validate left a file open";
}

TEST_P(Component, AWrongConfigurationIsRefusedWithTheJsonPointerOfWhatIsWrong) {
    if (refusedConfigs().empty()) GTEST_SKIP() << "the subject has no refusedConfigs";
    for (const Json& described : refusedConfigs()) {
        const Json wrong = inFolder(*described.find("config"));
        SCOPED_TRACE(wrong.text());
        Life life(component());
        expectOk(life.create());
        const Answer answer = life.validate(wrong);
        EXPECT_EQ(answer.status, SYNCLINE_FAILED);
        EXPECT_EQ(answer.pointer, described.string("pointer"));
        EXPECT_NE(wrong.at(answer.pointer), nullptr) << "nothing stands at " << answer.pointer;
        EXPECT_FALSE(answer.reason.empty());
    }
}

TEST_P(Component, MayBeDestroyedAfterCreateAlone) {
    Life life(component());
    expectOk(life.create());
    life.destroy();
}

TEST_P(Component, MayBeDestroyedAfterAnyStepAndAnyFailure) {
    for (const Json& described : refusedConfigs()) {
        Life refused(component());
        expectOk(refused.create());
        EXPECT_FALSE(refused.validate(inFolder(*described.find("config"))).ok());
        refused.destroy();
    }
    for (const Json& unstartable : unstartableConfigs()) {
        Life life(component());
        expectOk(life.create());
        expectOk(life.validate(inFolder(unstartable)));
        const Answer answer = life.start();
        EXPECT_FALSE(answer.ok()) << "this starts: " << unstartable.text();
        EXPECT_FALSE(answer.reason.empty());
        life.destroy();
    }
    {
        Life life(component());
        expectOk(life.create());
        expectOk(life.validate(config()));
        life.destroy();
    }
    Life undrained(component());
    expectOk(undrained.live(config(), 2));
    undrained.destroy();
}

TEST_P(Component, NeedsOnlyTheTablesThatItDeclares) {
    Life life(component(), tablesNeeded(subject().manifest()));
    expectOk(life.live(config()));
    if (!HasFailure()) useALittle(subject(), life);
}

TEST_P(Component, ShardsOpenAndCloseInAnyOrder) {
    Life life(component());
    expectOk(life.live(config(), 0));
    for (const std::uint32_t index : {3U, 0U, 2U}) expectOk(life.openShard(index));
    life.closeShards();
    expectOk(life.openShard(1));
    useALittle(subject(), life);
}

TEST_P(Component, StartsAndStopsAgainAndAgain) {
    for (int round = 0; round < 10; ++round) {
        const auto life = live(2);
        ASSERT_FALSE(HasFailure()) << "life " << round;
        useALittle(subject(), *life);
    }
}

TEST_P(Component, ALifeLeavesNothingBehind) {
    // What is only ever done once; a sanitizer starts a thread of its own beside the first one.
    std::thread([] {}).join();
    live(2).reset();
    const Holdings before = currentHoldings();
    const Growth growth = growthOver([&] { live(2).reset(); });
    const Holdings after = holdingsAfter(before);
    EXPECT_LE(after.threads, before.threads) << "threads outlive their component";
    EXPECT_LE(after.descriptors, before.descriptors) << "files stay open";
    EXPECT_FALSE(growth.isLeak()) << growth.bytesPerRound() << " bytes more with every life";
}

TEST_P(Component, UsingItLeavesNothingBehind) {
    const Growth growth = growthOver([&] {
        const auto life = live();
        useALittle(subject(), *life);
    });
    EXPECT_FALSE(growth.isLeak()) << growth.bytesPerRound() << " bytes more with every use";
}

TEST_P(Component, TwoInstancesLiveSideBySide) {
    TestFolder other;
    other.fill(subject());
    const auto first = live();
    {
        Life second(component());
        expectOk(second.live(subject().configIn(other.path())));
        useALittle(subject(), second);
        useALittle(subject(), *first);
    }
    useALittle(subject(), *first);
}

INSTANTIATE_TEST_SUITE_P(Every, Component, ::testing::ValuesIn(allSubjects()), nameOfParam);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Component);

}  // namespace
}  // namespace syncline::conformance
