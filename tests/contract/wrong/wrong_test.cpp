// SPDX-License-Identifier: Apache-2.0
// Each wrong implementation is found by the suite of its kind, by the claim that it breaks, and the
// right one beside it is not.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace syncline::conformance {
namespace {

struct Wrong {
    const char* folder;
    const char* library;
    const char* component;
    const char* claim;
};

std::ostream& operator<<(std::ostream& stream, const Wrong& wrong) {
    return stream << wrong.folder << "/" << wrong.component;
}

const std::vector<Wrong>& allWrong() {
    static const std::vector<Wrong> all = {
        {"storage", "wrong_storages", "ignores_the_expected_index",
         "Storage.LeavesOutAnAppendWhoseIndexDoesNotMatchAndOnlyThatOne"},
        {"storage", "wrong_storages", "commits_half",
         "Storage.EntriesThatDoNotFollowEachOtherFailTheWholeCommit"},
        {"storage", "wrong_storages", "forgets_refusals", "Storage.LoadPoursEntriesWithoutASeqToo"},
        {"storage", "wrong_storages", "pours_backwards", "Storage.PoursEntriesInTheirOrder"},
        {"storage", "wrong_storages", "replaces_all_records",
         "Storage.ACheckpointCarriesChangesOnly"},
        {"storage", "wrong_storages", "keeps_what_is_removed",
         "Storage.AnEmptyBodyInACheckpointRemovesTheItem"},
        {"storage", "wrong_storages", "trims_too_much",
         "Storage.TrimForgetsNothingThatNoCheckpointCovers"},
        {"storage", "wrong_storages", "forgets_streams",
         "StorageRestart.EverythingIsThereAfterACleanRestart"},
        {"storage", "wrong_storages", "writes_later",
         "StorageRestart.NothingAcknowledgedIsLostByKillingTheProcess"},
        {"storage", "wrong_storages", "believes_backups",
         "StorageRestart.ABackupIsAWholeCopyAndNotClean"},
        {"storage", "wrong_storages", "drops_half", "Storage.ADroppedChannelStartsFromNothing"},
        {"storage", "wrong_storages", "lists_some",
         "Storage.ListsEachChannelOnceWithOrWithoutACheckpoint"},
        {"handlers", "wrong_handlers", "ends_twice", "MessageHandler.SettlesEveryMessageOnce"},
        {"handlers", "wrong_handlers", "never_ends", "MessageHandler.SettlesEveryMessageOnce"},
        {"handlers", "wrong_handlers", "keeps_the_message",
         "MessageHandler.KeepsNothingThatItBorrowed"},
        {"handlers", "wrong_handlers", "fails_at_odd_messages",
         "MessageHandler.RefusesWhatItCannotUseInsteadOfFailing"},
        {"handlers", "wrong_handlers", "overlooks_failures",
         "MessageHandler.PassesOnThatTheHostCouldNotDoWhatItWasAsked"},
        {"handlers", "wrong_handlers", "leaks_builders",
         "MessageHandler.DestroysEveryBuilderThatItMakes"},
        {"auth", "wrong_providers", "accepts_any_secret",
         "AuthProvider.AcceptsNothingThatNobodyGaveOut"},
        {"auth", "wrong_providers", "tells_the_token",
         "AuthProvider.TellsNoSecretToTheLogOrThePeer"},
        {"auth", "wrong_providers", "names_nobody", "AuthProvider.AcceptsWhatIsGoodAndSaysWhoItIs"},
        {"auth", "wrong_providers", "keeps_a_view", "AuthProvider.KeepsNoViewOfWhatItWasShown"},
        {"auth", "wrong_providers", "refuses_strangers",
         "AuthProvider.LeavesToOthersWhatIsNotItsOwn"},
        {"auth", "wrong_providers", "has_its_own_time",
         "AuthProvider.KnowsTheTimeFromTheHostAlone"},
        {"conflict", "wrong_strategies", "forgets_paths",
         "ConflictStrategy.GivesEveryPathExactlyOneVerdict"},
        {"conflict", "wrong_strategies", "takes_turns",
         "ConflictStrategy.EqualQuestionsHaveEqualVerdicts"},
        {"conflict", "wrong_strategies", "asks_the_clock",
         "ConflictStrategy.UsesNoClockNoChanceAndNoSystem"},
        {"conflict", "wrong_strategies", "keeps_a_value",
         "ConflictStrategy.KeepsNothingThatItBorrowed"},
        {"conflict", "wrong_strategies", "finds_no_end",
         "ConflictStrategy.DecidesLargeConflictsInTime"},
        {"conflict", "wrong_strategies", "puts_nothing",
         "ConflictStrategy.GivesNoVerdictThatNoHostCanTake"},
        {"broker", "wrong_brokers", "throws_at_odd_names", "Broker.TakesAnyNameOfAChannel"},
        {"broker", "wrong_brokers", "keeps_a_name", "Broker.KeepsNoViewOfWhatItWasTold"},
        {"broker", "wrong_brokers", "queues_everything", "Broker.AnnouncementsDoNotPileUp"},
        {"broker", "wrong_brokers", "never_forgets", "Broker.ForgetsChannelsWithoutInterest"},
        {"broker", "wrong_brokers", "fails_once_drained", "Broker.IsQuietOnceDrained"},
        {"broker", "wrong_brokers", "reads_too_early", "Component.ValidateDoesNoInputOrOutput"}};
    return all;
}

struct Outcome {
    std::string output;
    int exitCode = 0;
    std::vector<std::string> failed;  // claims, without what names subject and instantiation
};

/// `Every/Storage.PoursInOrder/right, where …` -> `Storage.PoursInOrder`.
std::string claimIn(const std::string& line) {
    const std::size_t begin = line.find('/', 12) + 1;
    return line.substr(begin, line.find('/', begin) - begin);
}

/// Runs the whole suite on it in a process of its own, which may die of it.
Outcome runSuite(const std::string& folder, const std::string& library,
                 const std::string& component) {
    const std::string command = std::string(CONFORMANCE) +
                                " --gtest_color=no --library=" + WRONG_PLUGINS "/lib" + library +
                                ".so --component=" + component + " --subject=" WRONG_SOURCES "/" +
                                folder + "/subject.json 2>&1";
    Outcome outcome;
    FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return outcome;
    std::string running;
    char buffer[4096];
    while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) {
        const std::string line = buffer;
        outcome.output += line;
        if (line.rfind("[ RUN      ] ", 0) == 0) running = claimIn(line);
        const bool ended =
            line.rfind("[       OK ] ", 0) == 0 || line.rfind("[  SKIPPED ]", 0) == 0;
        const bool failed = line.rfind("[  FAILED  ] ", 0) == 0 && !running.empty();
        if (failed) outcome.failed.push_back(running);
        if (ended || failed) running.clear();
    }
    if (!running.empty()) outcome.failed.push_back(running);  // it died of this one
    const int status = ::pclose(pipe);
    outcome.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
}

class WrongImplementation : public testing::TestWithParam<Wrong> {};

TEST_P(WrongImplementation, IsFoundByTheClaimThatItBreaks) {
    const Wrong& wrong = GetParam();
    const Outcome outcome = runSuite(wrong.folder, wrong.library, wrong.component);
    EXPECT_NE(outcome.exitCode, 0);
    const auto found = std::find(outcome.failed.begin(), outcome.failed.end(), wrong.claim);
    ASSERT_NE(found, outcome.failed.end()) << outcome.output;
    std::printf("%s, %s: found by %s", wrong.folder, wrong.component, wrong.claim);
    for (const std::string& claim : outcome.failed) {
        if (claim != wrong.claim) std::printf(", %s", claim.c_str());
    }
    std::printf("\n");
}

INSTANTIATE_TEST_SUITE_P(Each, WrongImplementation, testing::ValuesIn(allWrong()),
                         [](const auto& wrong) {
                             return std::string(wrong.param.folder) + "_" + wrong.param.component;
                         });

struct Right {
    const char* folder;
    const char* library;
};
std::ostream& operator<<(std::ostream& stream, const Right& right) {
    return stream << right.folder;
}

class RightImplementation : public testing::TestWithParam<Right> {};

TEST_P(RightImplementation, PassesTheSuite) {
    const Outcome outcome = runSuite(GetParam().folder, GetParam().library, "right");
    EXPECT_EQ(outcome.exitCode, 0) << outcome.output;
}

INSTANTIATE_TEST_SUITE_P(Each, RightImplementation,
                         testing::Values(Right{"storage", "wrong_storages"},
                                         Right{"handlers", "wrong_handlers"},
                                         Right{"auth", "wrong_providers"},
                                         Right{"conflict", "wrong_strategies"},
                                         Right{"broker", "wrong_brokers"}),
                         [](const auto& right) { return std::string(right.param.folder); });

TEST(WrongImplementations, AreTwelveStoragesAndSixOfEachOtherKind) {
    std::map<std::string, int> counts;
    for (const Wrong& wrong : allWrong()) ++counts[wrong.folder];
    EXPECT_EQ(counts,
              (std::map<std::string, int>{
                  {"storage", 12}, {"handlers", 6}, {"auth", 6}, {"conflict", 6}, {"broker", 6}}));
}

}  // namespace
}  // namespace syncline::conformance
