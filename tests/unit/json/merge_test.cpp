// SPDX-License-Identifier: Apache-2.0
#include "json/merge.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "unit/json/support.h"

namespace syncline::json {
namespace {

using tests::json;

Value merged(std::string_view target, std::string_view patch) {
    Value value = json(target);
    mergePatch(value, json(patch));
    return value;
}

std::vector<std::string> leafPaths(std::string_view patch) {
    std::vector<std::string> paths;
    leaves(json(patch), [&](const Pointer& path, const Value&) { paths.push_back(path.text()); });
    return paths;
}

// The table of RFC 7396, appendix A.
TEST(MergePatch, DoesWhatTheStandardShows) {
    const struct {
        const char* original;
        const char* patch;
        const char* result;
    } rows[] = {
        {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
        {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
        {R"({"a":"b"})", R"({"a":null})", R"({})"},
        {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
        {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
        {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
        {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
        {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
        {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
        {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
        {R"({"a":"foo"})", R"(null)", R"(null)"},
        {R"({"a":"foo"})", R"("bar")", R"("bar")"},
        {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
        {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
        {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(merged(row.original, row.patch), json(row.result)) << row.patch;
    }
}

TEST(MergePatch, TheExampleOfSectionThree) {
    EXPECT_EQ(merged(R"({"title":"Goodbye!","author":{"givenName":"John","familyName":"Doe"},
                         "tags":["example","sample"],"content":"This will be unchanged"})",
                     R"({"title":"Hello!","phoneNumber":"+01-123-456-7890",
                         "author":{"familyName":null},"tags":["example"]})"),
              json(R"({"title":"Hello!","author":{"givenName":"John"},"tags":["example"],
                       "content":"This will be unchanged","phoneNumber":"+01-123-456-7890"})"));
}

TEST(MergePatch, KeepsTheOrderOfWhatStaysAndAddsAtTheEnd) {
    EXPECT_EQ(toText(merged(R"({"a":1,"b":2,"c":3})", R"({"d":4,"a":5,"b":null})")),
              R"({"a":5,"c":3,"d":4})");
}

TEST(MergePatch, NullsWithinArraysStay) {
    EXPECT_EQ(merged("{}", R"({"a":[null,{"b":null}]})"), json(R"({"a":[null,{"b":null}]})"));
}

TEST(MergePatch, RemovingManyMembersOfALargeObjectLeavesTheRest) {
    Value target = Value::object();
    Value patch = Value::object();
    for (int i = 0; i < 20'000; ++i) {
        target.set(std::to_string(i), i);
        if (i % 100 != 0) patch.set(std::to_string(i), Value());
    }
    mergePatch(target, std::move(patch));
    EXPECT_EQ(target.size(), 200u);
    EXPECT_EQ(*target.find("19900"), Value(19900));
}

TEST(MergePatch, TwiceIsAsOnce) {
    tests::RandomValues random(11);
    for (int i = 0; i < 3000; ++i) {
        Value value = random.value();
        const Value patch = random.value();
        mergePatch(value, patch.clone());
        const Value once = value.clone();
        mergePatch(value, patch.clone());
        ASSERT_EQ(value, once) << toText(patch);
    }
}

TEST(Leaves, AreThePlacesThatAMergeTouches) {
    using Paths = std::vector<std::string>;
    EXPECT_EQ(leafPaths(R"({"a":1,"b":{"c":null,"d":[{"x":1}]},"e":{}})"),
              (Paths{"/a", "/b/c", "/b/d", "/e"}));
    EXPECT_EQ(leafPaths("5"), (Paths{""}));
    EXPECT_EQ(leafPaths("null"), (Paths{""}));
    EXPECT_EQ(leafPaths("{}"), (Paths{""}));
    EXPECT_EQ(leafPaths("[1]"), (Paths{""}));
    EXPECT_EQ(leafPaths(R"({"a/b":{"~":{"":1}}})"), (Paths{"/a~1b/~0/"}));
}

TEST(Leaves, ComeWithTheirValuesAndStartWhereTold) {
    std::vector<std::pair<std::string, std::string>> seen;
    leaves(
        json(R"({"a":null,"b":{"c":[1]}})"),
        [&](const Pointer& path, const Value& value) {
            seen.emplace_back(path.text(), toText(value));
        },
        tests::pointer("/base"));
    EXPECT_EQ(seen, (std::vector<std::pair<std::string, std::string>>{{"/base/a", "null"},
                                                                      {"/base/b/c", "[1]"}}));
}

}  // namespace
}  // namespace syncline::json
