// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "acl/touched.h"
#include "bridge/host_tables.h"
#include "bridge/plugin_error.h"
#include "support/stage_world.h"

namespace syncline::tests {
namespace {

using testing::ElementsAre;

std::vector<std::string> touched(const char* op, std::size_t pathsMax = 100) {
    const json::Value value = parsedJson(op);
    return acl::touchedPaths(Value(&bridge::kValueTable, bridge::toHandle(&value)), pathsMax);
}

TEST(AclTouched, KnowsThePlacesOfEachKind) {
    struct Case {
        const char* op;
        std::vector<std::string> paths;
    };
    const Case cases[] = {
        {R"({"kind":"set","value":{"a":1}})", {""}},
        {R"({"kind":"delete"})", {""}},
        {R"({"kind":"void"})", {}},
        {R"({"kind":"paint"})", {""}},
        {R"({})", {""}},
        {R"({"kind":"merge","value":{"a":1,"b":null}})", {"/a", "/b"}},
        {R"({"kind":"merge","value":{"a":{"b":{"c":1},"d":[{"e":1}]}}})", {"/a/b/c", "/a/d"}},
        {R"({"kind":"merge","value":{"a":{}}})", {"/a"}},
        {R"({"kind":"merge","value":{}})", {""}},
        {R"({"kind":"merge","value":7})", {""}},
        {R"({"kind":"merge","value":{"a/b~":1}})", {"/a~1b~0"}},
        {R"({"kind":"increment","path":"/n","by":1})", {"/n"}},
        {R"({"kind":"increment","path":7,"by":1})", {""}},
        {R"({"kind":"increment","path":"n","by":1})", {""}},
        {R"({"kind":"add","path":"/tags","value":1})", {"/tags"}},
        {R"({"kind":"remove","path":"/tags","value":1})", {"/tags"}},
        {R"({"kind":"insert","path":"/list","id":"x"})", {"/list"}},
        {R"({"kind":"move","path":"/list","id":"x"})", {"/list"}},
        {R"({"kind":"erase","path":"/list","id":"x"})", {"/list"}},
        {R"({"kind":"patch","patch":[{"op":"add","path":"/a","value":1},
            {"op":"test","path":"/t","value":1},{"op":"move","path":"/b","from":"/c"},
            {"op":"copy","path":"/d","from":"/e"}]})",
         {"/a", "/b", "/c", "/d"}},
        {R"({"kind":"patch","patch":[{"op":"remove"}]})", {""}},
        {R"({"kind":"patch","patch":7})", {""}},
    };
    for (const Case& one : cases) EXPECT_EQ(touched(one.op), one.paths) << one.op;
}

TEST(AclTouched, CountsTooManyPlacesAsTheWholeRecord) {
    const char* op = R"({"kind":"merge","value":{"a":1,"b":1,"c":1}})";
    EXPECT_THAT(touched(op, 3), ElementsAre("/a", "/b", "/c"));
    EXPECT_THAT(touched(op, 2), ElementsAre(""));
}

}  // namespace
}  // namespace syncline::tests
