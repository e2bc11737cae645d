// SPDX-License-Identifier: Apache-2.0
// No component is shipped without having been through the suite of its kind.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "syncline/testing/plugin_library.h"

namespace syncline::conformance {
namespace {

namespace fs = std::filesystem;

std::set<std::string> componentsOfSubjects() {
    std::set<std::string> names;
    for (const auto& each : fs::recursive_directory_iterator(SUBJECTS)) {
        if (each.path().extension() != ".json") continue;
        std::stringstream text;
        text << std::ifstream(each.path()).rdbuf();
        names.insert(Json::parse(text.str()).string("component"));
    }
    return names;
}

TEST(ShippedPlugins, EachComponentIsTheSubjectOfASuite) {
    const std::set<std::string> subjects = componentsOfSubjects();
    std::size_t count = 0;
    for (const auto& each : fs::directory_iterator(SHIPPED_PLUGINS)) {
        if (each.path().extension() != ".so") continue;
        const Json manifest = manifestOf(each.path().string());
        for (const Json& component : manifest.list("components")) {
            ++count;
            EXPECT_EQ(subjects.count(component.string("name")), 1U)
                << "tests/contract/subjects has no file about '" << component.string("name")
                << "': write one, " << each.path().filename();
        }
    }
    EXPECT_GT(count, 10U);
}

}  // namespace
}  // namespace syncline::conformance
