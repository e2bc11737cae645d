// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>

#include "loading/finder.h"
#include "loading/library.h"

namespace syncline::loading {
namespace {

namespace fs = std::filesystem;

/// Opens the one plugin that was built outside of the tree into this folder.
void expectLoads(const fs::path& folder, const std::string& id, const std::string& component) {
    const HostOffer host = HostOffer::ofThisProgram(
        {{"draft.value/1", 0}, {"draft.builder/1", 0}, {"draft.call/1", 0}});
    SearchSettings settings;
    settings.folders = {fs::path(OUTSIDE_PLUGIN_FOLDER) / folder};
    settings.allow = {id};
    const Findings findings = find(settings, host);
    for (const PluginError& error : findings.refused) ADD_FAILURE() << error.what();
    ASSERT_EQ(findings.plugins.size(), 1U);
    const LoadedPlugin loaded = open(findings.plugins[0]);
    EXPECT_EQ(loaded.manifest.id, id);
    EXPECT_NE(loaded.component(component), nullptr);
    EXPECT_FALSE(loaded.manifest.component(component)->schema.empty());
}

TEST(OutsidePlugin, OfTheTemplateLoads) {
    expectLoads("template", "com.acme.echo", "echo");
}

TEST(OutsidePlugin, InPlainCLoads) {
    expectLoads("plain_c", "test.plain_c", "plain_c_echo");
}

TEST(OutsidePlugin, BuiltByClangLoads) {
    if (!fs::exists(fs::path(OUTSIDE_PLUGIN_FOLDER) / "template_clang")) {
        GTEST_SKIP() << "clang++ is not installed";
    }
    expectLoads("template_clang", "com.acme.echo", "echo");
}

}  // namespace
}  // namespace syncline::loading
