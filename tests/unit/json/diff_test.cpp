// SPDX-License-Identifier: Apache-2.0
#include "json/diff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "json/merge.h"
#include "unit/json/support.h"

namespace syncline::json {
namespace {

using tests::json;
using Paths = std::vector<std::string>;

Paths changes(std::string_view before, std::string_view after) {
    Paths paths;
    for (const Pointer& path : changedPaths(json(before), json(after)))
        paths.push_back(path.text());
    return paths;
}

TEST(ChangedPaths, AreTheLeavesThatDiffer) {
    const struct {
        const char* before;
        const char* after;
        Paths expected;
    } rows[] = {
        {"{}", "{}", {}},
        {"1", "1.0", {}},
        {"1", "2", {""}},
        {R"({"a":1,"b":2})", R"({"b":2,"a":1})", {}},
        {R"({"a":1})", R"({"a":2})", {"/a"}},
        {R"({"a":{"b":1,"c":2}})", R"({"a":{"b":1,"c":3}})", {"/a/c"}},
        {R"({"a":{"b":1}})", R"({})", {"/a"}},
        {R"({})", R"({"a":{"b":1,"c":{}}})", {"/a/b", "/a/c"}},
        {R"({"a":1})", R"({"a":{"b":1}})", {"/a"}},
        {R"({"a":{"b":1}})", R"({"a":1})", {"/a"}},
        {R"({"a":{"b":1}})", R"({"a":{}})", {"/a/b"}},
        {R"({"a":[1,2]})", R"({"a":[1,3]})", {"/a"}},
        {R"({"a":[{"b":1}]})", R"({"a":[{"b":2}]})", {"/a"}},
        {R"({"a":null})", R"({})", {"/a"}},
        {R"({})", R"({"a":null})", {"/a"}},
        {R"({"a":null})", R"({"a":null})", {}},
        {"[]", "{}", {""}},
        {R"({"a":1})", "null", {""}},
        {R"({"x/y":1})", R"({"x/y":2,"~":3})", {"/x~1y", "/~0"}},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(changes(row.before, row.after), row.expected) << row.before << ' ' << row.after;
    }
}

/// Makes `target` the same as `source` at one place.
void copyPlace(const Pointer& path, const Value& source, Value& target) {
    const Value* wanted = path.resolve(source);
    if (path.isRoot()) {
        target = wanted->clone();
        return;
    }
    Value* at = &target;
    const std::vector<std::string> tokens = path.tokens();
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        Value* next = at->find(tokens[i]);
        at = next != nullptr ? next : &at->set(tokens[i], Value::object());
    }
    if (wanted == nullptr) {
        at->erase(tokens.back());
    } else {
        at->set(tokens.back(), wanted->clone());
    }
}

TEST(ChangedPaths, CopyingThemGivesTheOtherValue) {
    tests::RandomValues random(23);
    for (int i = 0; i < 5000; ++i) {
        const Value before = random.value();
        const Value after = random.value();
        Value value = before.clone();
        const std::vector<Pointer> paths = changedPaths(before, after);
        for (const Pointer& path : paths) copyPlace(path, after, value);
        ASSERT_EQ(value, after) << toText(before) << " -> " << toText(after);
        ASSERT_EQ(paths.empty(), before == after);
        for (const Pointer& one : paths) {
            for (const Pointer& other : paths) ASSERT_EQ(one.overlaps(other), one == other);
        }
    }
}

TEST(DiffAsMerge, MergingItGivesTheOtherValue) {
    tests::RandomValues random(31, false);
    for (int i = 0; i < 5000; ++i) {
        const Value before = random.value();
        const Value after = random.value();
        std::optional<Value> patch = diffAsMerge(before, after);
        ASSERT_TRUE(patch) << "without nulls a merge can say everything";
        Value value = before.clone();
        mergePatch(value, std::move(*patch));
        ASSERT_EQ(value, after) << toText(before) << " -> " << toText(after);
    }
}

TEST(DiffAsMerge, WithNullsItIsRightOrNothing) {
    tests::RandomValues random(37);
    int without = 0;
    for (int i = 0; i < 5000; ++i) {
        const Value before = random.value();
        const Value after = random.value();
        std::optional<Value> patch = diffAsMerge(before, after);
        if (!patch) {
            ++without;
            continue;
        }
        Value value = before.clone();
        mergePatch(value, std::move(*patch));
        ASSERT_EQ(value, after) << toText(before) << " -> " << toText(after);
    }
    EXPECT_GT(without, 0);
}

TEST(DiffAsMerge, IsNoLargerThanTheChange) {
    const auto patch = [](const char* before, const char* after) {
        return toText(*diffAsMerge(json(before), json(after)));
    };
    EXPECT_EQ(patch(R"({"a":1,"b":{"c":2,"d":3}})", R"({"a":1,"b":{"c":4}})"),
              R"({"b":{"d":null,"c":4}})");
    EXPECT_EQ(patch(R"({"a":null})", R"({"a":null,"b":1})"), R"({"b":1})");
    EXPECT_EQ(patch("{}", "{}"), "{}");
    EXPECT_EQ(patch("5", "null"), "null");
}

TEST(DiffAsMerge, IsNothingWhereANullWouldHaveToBeWritten) {
    const char* const rows[][2] = {
        {R"({})", R"({"a":null})"},       {R"({"a":1})", R"({"a":null})"},
        {R"({})", R"({"a":{"b":null}})"}, {R"({"a":1})", R"({"a":{"b":{"c":null}}})"},
        {"1", R"({"a":null})"},
    };
    for (const auto& row : rows) EXPECT_FALSE(diffAsMerge(json(row[0]), json(row[1]))) << row[1];
}

}  // namespace
}  // namespace syncline::json
