// SPDX-License-Identifier: Apache-2.0
#include "loading/finder.h"

#include <gmock/gmock.h>

#include "unit/loading/plugin_copy.h"

namespace syncline::loading {
namespace {

namespace fs = std::filesystem;

/// Two folders with sound plugins in them, as an installation has.
class Finder : public ::testing::Test {
protected:
    fs::path put(const TemporaryFolder& folder, const std::string& file,
                 const std::string& plugin = "test_well_behaved") {
        return PluginCopy(plugin).writeTo(folder / file);
    }

    Findings find() { return loading::find(settings_, hostOffer()); }

    static void expectOneRefusal(const Findings& findings, PluginCode code,
                                 const std::string& part) {
        ASSERT_EQ(findings.refused.size(), 1U);
        EXPECT_EQ(findings.refused[0].code(), code);
        EXPECT_THAT(findings.refused[0].reason(), ::testing::HasSubstr(part));
    }

    TemporaryFolder first_;
    TemporaryFolder second_;
    SearchSettings settings_ = {{first_.path(), second_.path()}, {"test.*"}, {}, {}};
};

TEST_F(Finder, TakesLibrariesOfItsFoldersAndNothingElse) {
    put(first_, "libone.so");
    put(second_, "libtwo.so", "test_misbehaving");
    put(first_, "three.so", "test_blocking");
    put(first_, "libfour.so.bak", "test_blocking");
    fs::create_directory(first_ / "nested");
    PluginCopy("test_blocking").writeTo(first_ / "nested/libfive.so");
    const Findings findings = find();
    ASSERT_EQ(findings.plugins.size(), 2U);
    EXPECT_EQ(findings.plugins[0].manifest.id, "test.misbehaving");
    EXPECT_EQ(findings.plugins[1].manifest.id, "test.well_behaved");
    EXPECT_TRUE(findings.refused.empty());
}

TEST_F(Finder, OneBadFileDoesNotHideTheOthers) {
    put(first_, "libsound.so");
    std::ofstream(first_ / "libtext.so") << "text";
    const Findings findings = find();
    EXPECT_EQ(findings.plugins.size(), 1U);
    expectOneRefusal(findings, PluginCode::notElf, "not an ELF");
    EXPECT_STREQ(findings.refused[0].what(),
                 "plugin libtext.so: error[P307]: is not an ELF file, so it is no shared library");
}

TEST_F(Finder, SkipsFoldersThatAreNotThere) {
    settings_.folders = {first_ / "absent"};
    const Findings findings = find();
    EXPECT_TRUE(findings.plugins.empty());
    EXPECT_TRUE(findings.refused.empty());
}

TEST_F(Finder, RefusesAFolderThatIsAFile) {
    settings_.folders = {put(first_, "libone.so")};
    expectOneRefusal(find(), PluginCode::unreadableFolder, "Not a directory");
}

TEST_F(Finder, RefusesAnIdThatIsNotAllowed) {
    put(first_, "libone.so");
    settings_.allow = {"dev.syncline.*", "test.well"};
    const Findings findings = find();
    EXPECT_TRUE(findings.plugins.empty());
    expectOneRefusal(findings, PluginCode::notAllowed, "test.well_behaved is not covered");
}

TEST_F(Finder, AnEmptyListAllowsNothing) {
    put(first_, "libone.so");
    settings_.allow = {};
    expectOneRefusal(find(), PluginCode::notAllowed, "plugins.allow");
}

TEST_F(Finder, ANamedFileIsAllowedWhateverItsNameAndId) {
    settings_.allow = {};
    settings_.load = {put(first_, "anything.bin")};
    const Findings findings = find();
    ASSERT_EQ(findings.plugins.size(), 1U);
    EXPECT_EQ(findings.plugins[0].path, first_ / "anything.bin");
}

TEST_F(Finder, RefusesANamedFileThatIsNotThere) {
    settings_.load = {first_ / "libabsent.so"};
    expectOneRefusal(find(), PluginCode::unreadable, "No such file");
}

TEST_F(Finder, ComparesTheDigestWithTheConfiguredOne) {
    const auto path = put(first_, "libone.so");
    const std::string digest = inspect(path, hostOffer()).sha256;
    std::string capitals = digest;
    for (char& c : capitals) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    settings_.sha256 = {{"test.well_behaved", capitals}};
    EXPECT_EQ(find().plugins.size(), 1U);
    settings_.sha256 = {{"test.well_behaved", std::string(64, '0')}};
    const Findings findings = find();
    EXPECT_TRUE(findings.plugins.empty());
    expectOneRefusal(findings, PluginCode::otherDigest, digest);
}

TEST_F(Finder, TwoFilesOfOneFolderMayNotShareAnId) {
    put(first_, "libone.so");
    put(first_, "libtwo.so");
    const Findings findings = find();
    ASSERT_EQ(findings.plugins.size(), 1U);
    EXPECT_EQ(findings.plugins[0].path, first_ / "libone.so");
    expectOneRefusal(findings, PluginCode::duplicateId, (first_ / "libone.so").string());
}

TEST_F(Finder, AnEarlierPlaceWinsAndTheOtherIsNamed) {
    put(first_, "libone.so");
    const auto later = put(second_, "libone.so");
    const Findings findings = find();
    ASSERT_EQ(findings.plugins.size(), 1U);
    EXPECT_EQ(findings.plugins[0].path, first_ / "libone.so");
    ASSERT_EQ(findings.shadowed.size(), 1U);
    EXPECT_EQ(findings.shadowed[0].path, later);
    EXPECT_TRUE(findings.refused.empty());
}

TEST_F(Finder, TwoWaysToOneFileAreOnePlugin) {
    const auto path = put(first_, "libone.so");
    fs::create_symlink(path, first_ / "libagain.so");
    settings_.load = {path};
    settings_.folders.push_back(first_.path());
    const Findings findings = find();
    EXPECT_EQ(findings.plugins.size(), 1U);
    EXPECT_TRUE(findings.refused.empty());
    EXPECT_TRUE(findings.shadowed.empty());
}

}  // namespace
}  // namespace syncline::loading
