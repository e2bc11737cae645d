// SPDX-License-Identifier: Apache-2.0
// Each wrong implementation is found by the suite of its kind, by the claim that it breaks, and the
// right one beside it is not.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "conformance_page.h"
#include "syncline/testing/plugin_library.h"

namespace syncline::conformance {

std::ostream& operator<<(std::ostream& stream, const Wrong& wrong) {
    return stream << wrong.folder << "/" << wrong.component;
}

namespace {

/// The folder of a kind, and the library that is built of it.
const std::map<std::string, std::string>& libraryOf() {
    static const std::map<std::string, std::string> libraries = {{"storage", "wrong_storages"},
                                                                 {"handlers", "wrong_handlers"},
                                                                 {"auth", "wrong_providers"},
                                                                 {"conflict", "wrong_strategies"},
                                                                 {"broker", "wrong_brokers"}};
    return libraries;
}

std::string fileOf(const std::string& folder) {
    return WRONG_PLUGINS "/lib" + libraryOf().at(folder) + ".so";
}

const ConformancePage& page() {
    static const ConformancePage page = ConformancePage::read(CONFORMANCE_PAGE);
    return page;
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
Outcome runSuite(const std::string& folder, const std::string& component) {
    const std::string command = std::string(CONFORMANCE) +
                                " --gtest_color=no --library=" + fileOf(folder) +
                                " --component=" + component + " --subject=" WRONG_SOURCES "/" +
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

/// The claims of which the suite of that kind consists.
std::set<std::string> claimsOf(const std::string& folder) {
    const std::string command = std::string(CONFORMANCE) +
                                " --gtest_list_tests --component=right --library=" + fileOf(folder);
    std::set<std::string> claims;
    FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return claims;
    std::string suite;
    char buffer[4096];
    while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) {
        const std::string line = buffer;
        // "Every/Storage." and, below it, "  PoursInOrder/right  # ...".
        if (line.rfind("Every/", 0) == 0) suite = line.substr(6, line.find('.') - 5);
        if (line.rfind("  ", 0) == 0) claims.insert(suite + line.substr(2, line.find('/') - 2));
    }
    ::pclose(pipe);
    return claims;
}

class WrongImplementation : public testing::TestWithParam<Wrong> {};

TEST_P(WrongImplementation, IsFoundByTheClaimThatItBreaks) {
    const Wrong& wrong = GetParam();
    const Outcome outcome = runSuite(wrong.folder, wrong.component);
    EXPECT_NE(outcome.exitCode, 0);
    const auto found = std::find(outcome.failed.begin(), outcome.failed.end(), wrong.claim);
    ASSERT_NE(found, outcome.failed.end()) << outcome.output;
    std::printf("%s, %s: found by %s", wrong.folder.c_str(), wrong.component.c_str(),
                wrong.claim.c_str());
    for (const std::string& claim : outcome.failed) {
        if (claim != wrong.claim) std::printf(", %s", claim.c_str());
    }
    std::printf("\n");
}

INSTANTIATE_TEST_SUITE_P(Each, WrongImplementation, testing::ValuesIn(page().wrong),
                         [](const auto& wrong) {
                             return wrong.param.folder + "_" + wrong.param.component;
                         });

class RightImplementation : public testing::TestWithParam<const char*> {};

TEST_P(RightImplementation, PassesTheSuite) {
    const Outcome outcome = runSuite(GetParam(), "right");
    EXPECT_EQ(outcome.exitCode, 0) << outcome.output;
}

INSTANTIATE_TEST_SUITE_P(Each, RightImplementation,
                         testing::Values("storage", "handlers", "auth", "conflict", "broker"),
                         [](const auto& folder) { return std::string(folder.param); });

TEST(ConformancePage, ListsEveryWrongImplementationThatIsThere) {
    std::map<std::string, std::set<std::string>> listed;
    for (const Wrong& wrong : page().wrong) {
        EXPECT_TRUE(listed[wrong.folder].insert(wrong.component).second) << wrong << ", twice";
    }
    std::map<std::string, std::set<std::string>> built;
    for (const auto& [folder, library] : libraryOf()) {
        const Json manifest = manifestOf(fileOf(folder));
        for (const Json& component : manifest.list("components")) {
            const std::string name = component.string("name");
            if (name != "right") built[folder].insert(name);
        }
    }
    EXPECT_EQ(listed, built) << "docs/conformance.md, and what plugin-api/testing/wrong has";
}

TEST(ConformancePage, ListsTheClaimsThatTheSuitesMake) {
    std::set<std::string> made;
    for (const auto& [folder, library] : libraryOf()) made.merge(claimsOf(folder));
    EXPECT_EQ(page().claims, made) << "docs/conformance.md, and --gtest_list_tests";
}

TEST(ConformancePage, ListsTwelveStoragesAndSixOfEachOtherKindAtLeast) {
    std::map<std::string, int> counts;
    for (const Wrong& wrong : page().wrong) ++counts[wrong.folder];
    for (const auto& [folder, library] : libraryOf()) {
        EXPECT_GE(counts[folder], folder == "storage" ? 12 : 6) << folder;
    }
}

}  // namespace
}  // namespace syncline::conformance
