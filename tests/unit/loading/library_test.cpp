// SPDX-License-Identifier: Apache-2.0
#include "loading/library.h"

#include <dlfcn.h>

#include "unit/loading/plugin_copy.h"

namespace syncline::loading {
namespace {

namespace fs = std::filesystem;

LoadedPlugin openFile(const fs::path& path) {
    return open(inspect(path, hostOffer()));
}

TEST(Library, OpensWhatTheManifestDescribes) {
    const LoadedPlugin loaded = openFile(testPlugin("test_well_behaved"));
    ASSERT_NE(loaded.plugin, nullptr);
    EXPECT_STREQ(loaded.plugin->id, "test.well_behaved");
    ASSERT_NE(loaded.component("describe"), nullptr);
    EXPECT_EQ(loaded.component("describe")->kind, SYNCLINE_MESSAGE_HANDLER);
    EXPECT_EQ(loaded.component("absent"), nullptr);
}

TEST(Library, OpensEveryTestPluginThatIsSound) {
    for (const char* name : {"test_misbehaving", "test_blocking", "test_broken_life",
                             "test_throwing_kinds", "plain_c_echo"}) {
        const LoadedPlugin loaded = openFile(testPlugin(name));
        EXPECT_EQ(loaded.plugin->component_count, loaded.manifest.components.size()) << name;
    }
}

TEST(Library, MayBeReplacedOrCutUnderTheRunningProgram) {
    const TemporaryFolder folder;
    const auto path = PluginCopy().writeTo(folder / "libone.so");
    const LoadedPlugin loaded = openFile(path);
    fs::resize_file(path, 0);
    EXPECT_STREQ(loaded.plugin->id, "test.well_behaved");
    EXPECT_NE(loaded.component("describe")->create, nullptr);
}

TEST(Library, OpenedAgainAfterAReplacementIsTheNewOne) {
    const TemporaryFolder folder;
    const auto path = PluginCopy().writeTo(folder / "libone.so");
    const LoadedPlugin before = openFile(path);
    PluginCopy("test_misbehaving").writeTo(path);
    const LoadedPlugin after = openFile(path);
    EXPECT_STREQ(before.plugin->id, "test.well_behaved");
    EXPECT_STREQ(after.plugin->id, "test.misbehaving");
}

TEST(Library, StaysMappedWhenNobodyHoldsItAnyMore) {
    const syncline_plugin* plugin = openFile(testPlugin("test_blocking")).plugin;
    Dl_info where = {};
    EXPECT_NE(::dladdr(plugin, &where), 0);
    EXPECT_STREQ(plugin->id, "test.blocking");
}

TEST(Library, LendsItsSymbolsToNobody) {
    openFile(testPlugin("test_well_behaved"));
    EXPECT_EQ(::dlsym(RTLD_DEFAULT, "syncline_plugin_v1"), nullptr);
}

TEST(Library, ThatChangedSinceItWasFoundIsRefused) {
    const TemporaryFolder folder;
    const auto path = PluginCopy().writeTo(folder / "libone.so");
    const FoundPlugin found = inspect(path, hostOffer());
    PluginCopy("test_misbehaving").writeTo(path);
    const auto error = refusalOf([&] { open(found); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), PluginCode::changedOnDisk);
}

TEST(Library, TheLoadersOwnMessageIsKept) {
    const TemporaryFolder folder;
    PluginCopy copy;
    copy.replace("libstdc++.so.6", "libabsent.so", '\0');
    const auto path = copy.writeTo(folder / "libneedy.so");
    const auto error = refusalOf([&] { openFile(path); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), PluginCode::notOpened);
    EXPECT_NE(error->reason().find("libabsent.so"), std::string::npos) << error->what();
}

/// The manifest says one thing and the code another.
struct Difference {
    std::string name;
    std::string from;
    std::string to;
    std::string part;
};

void PrintTo(const Difference& difference, std::ostream* out) {
    *out << difference.name;
}

class Mismatch : public ::testing::TestWithParam<Difference> {};

TEST_P(Mismatch, BetweenManifestAndCodeIsRefused) {
    const TemporaryFolder folder;
    PluginCopy copy;
    copy.manifest(GetParam().from, GetParam().to);
    const auto path = copy.writeTo(folder / "libother.so");
    const auto error = refusalOf([&] { openFile(path); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), PluginCode::manifestMismatch);
    EXPECT_NE(error->reason().find(GetParam().part), std::string::npos) << error->what();
}

INSTANTIATE_TEST_SUITE_P(Field, Mismatch,
                         ::testing::Values(Difference{"Id", "test.well_behaved",
                                                      "test.well_beloved", "id test.well_beloved"},
                                           Difference{"Version", "1.2.3", "1.2.4", "version 1.2.4"},
                                           Difference{"Name", "refuse_if_asked", "refuse_if_taken",
                                                      "name of component 2"},
                                           Difference{"Kind", "message_handler", "auth_provider",
                                                      "kind of 'describe'"}),
                         [](const auto& each) { return each.param.name; });

class Misbuilt : public ::testing::TestWithParam<std::pair<const char*, PluginCode>> {};

TEST_P(Misbuilt, EntryIsRefused) {
    const auto error = refusalOf([] { openFile(testPlugin(GetParam().first)); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), GetParam().second) << error->what();
}

INSTANTIATE_TEST_SUITE_P(Entry, Misbuilt,
                         ::testing::Values(std::pair("test_null_plugin", PluginCode::badEntry),
                                           std::pair("test_short_plugin", PluginCode::badEntry),
                                           std::pair("test_null_components", PluginCode::badEntry),
                                           std::pair("test_null_component", PluginCode::badEntry),
                                           std::pair("test_short_component", PluginCode::badEntry),
                                           std::pair("test_no_create", PluginCode::badEntry),
                                           std::pair("test_no_functions", PluginCode::badEntry),
                                           std::pair("test_missing_function", PluginCode::badEntry),
                                           std::pair("test_unknown_kind",
                                                     PluginCode::manifestMismatch)),
                         [](const auto& each) { return std::string(each.param.first); });

}  // namespace
}  // namespace syncline::loading
