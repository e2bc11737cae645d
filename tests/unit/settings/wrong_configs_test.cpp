// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "settings/codes.h"
#include "settings/load.h"
#include "support/temporary_folder.h"
#include "unit/settings/fake_catalog.h"
#include "unit/settings/wrong_cases.h"

namespace syncline::settings {
namespace {

const std::vector<WrongConfig>& wrongConfigs() {
    static const auto all = readWrongConfigs(std::filesystem::path(SYNCLINE_SOURCE_DIR) /
                                             "tests/unit/settings/wrong_configs");
    return all;
}

const FixedEnvironment& environment() {
    static const FixedEnvironment variables({{"PORT", "8080"},
                                             {"WORD", "soon"},
                                             {"EMPTY", ""},
                                             {"TOKEN", "Sup3r-Secret-Value"},
                                             {"BROKEN_YAML", "x: [ } \n - : {"}});
    return variables;
}

LoadOutcome outcomeOf(const WrongConfig& config, const tests::TemporaryFolder& folder) {
    for (const auto& [name, text] : config.files) folder.write(name, text);
    std::filesystem::create_directory(folder.path() / "a_folder");
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    auto outcome = load("syncline.yaml", environment(),
                        [](const PluginsSettings&) { return std::make_unique<FakeCatalog>(); });
    std::filesystem::current_path(before);
    return outcome;
}

class EachWrongConfig : public testing::TestWithParam<WrongConfig> {};

TEST_P(EachWrongConfig, IsToldAllOfItsMistakesAndNothingElseAtTheirPlaces) {
    const tests::TemporaryFolder folder;
    const auto outcome = outcomeOf(GetParam(), folder);
    std::vector<Expected> told;
    for (const auto& diagnostic : outcome.diagnostics.all()) {
        told.push_back({diagnostic.file, diagnostic.line, diagnostic.column, diagnostic.code});
    }
    std::sort(told.begin(), told.end());
    EXPECT_THAT(told, testing::ElementsAreArray(GetParam().expected))
        << GetParam().files.at("syncline.yaml") << "\n"
        << outcome.diagnostics.render();
    EXPECT_EQ(outcome.settings.has_value(), !outcome.diagnostics.hasErrors());
    EXPECT_EQ(outcome.diagnostics.render().find("Sup3r"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Settings, EachWrongConfig, testing::ValuesIn(wrongConfigs()),
                         [](const auto& each) {
                             return std::to_string(each.index) + "_" + each.param.name;
                         });

TEST(WrongConfigs, AreAtLeastTwoHundredAndCoverEveryCode) {
    EXPECT_GE(wrongConfigs().size(), 200u);
    std::set<std::string> covered;
    for (const auto& config : wrongConfigs()) {
        for (const auto& expected : config.expected) covered.insert(expected.code);
    }
    EXPECT_GE(covered.size(), 40u);
    // These need a file that cannot be written as a case; load_test.cpp and
    // component_config_test.cpp have them.
    const std::set<Code> elsewhere = {Code::cannotRead, Code::notAFile, Code::fileTooLarge,
                                      Code::refusedByPlugin};
    for (const auto& meaning : codeMeanings()) {
        if (elsewhere.contains(meaning.code)) continue;
        EXPECT_TRUE(covered.contains(codeText(meaning.code)))
            << codeText(meaning.code) << ": " << meaning.meaning;
    }
}

}  // namespace
}  // namespace syncline::settings
