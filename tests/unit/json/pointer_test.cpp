// SPDX-License-Identifier: Apache-2.0
#include "json/pointer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/json/support.h"

namespace syncline::json {
namespace {

using tests::json;
using tests::pointer;

// The table of RFC 6901, section 5.
TEST(Pointer, EvaluatesTheExamplesOfTheStandard) {
    const Value document = json(R"({
        "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3,
        "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8 })");
    const struct {
        const char* path;
        const char* expected;
    } rows[] = {
        {"/foo", R"(["bar","baz"])"},
        {"/foo/0", R"("bar")"},
        {"/", "0"},
        {"/a~1b", "1"},
        {"/c%d", "2"},
        {"/e^f", "3"},
        {"/g|h", "4"},
        {"/i\\j", "5"},
        {"/k\"l", "6"},
        {"/ ", "7"},
        {"/m~0n", "8"},
    };
    for (const auto& row : rows) {
        const Value* found = pointer(row.path).resolve(document);
        ASSERT_NE(found, nullptr) << row.path;
        EXPECT_EQ(*found, json(row.expected)) << row.path;
        EXPECT_EQ(pointer(row.path).text(), row.path);
    }
    EXPECT_EQ(pointer("").resolve(document), &document);
}

TEST(Pointer, FindsNothingWhereNothingIs) {
    const Value document = json(R"({"list":[1,2],"text":"abc","~1":5,"deep":{"0":{}}})");
    for (const char* path : {"/none",
                             "/list/2",
                             "/list/-",
                             "/list/00",
                             "/list/01",
                             "/list/+1",
                             "/list/-1",
                             "/list/ 1",
                             "/list/1 ",
                             "/list/1e0",
                             "/list/0x1",
                             "/list/",
                             "/list/length",
                             "/text/0",
                             "/text/",
                             "/list/18446744073709551616",
                             "/list/99999999999999999999999",
                             "/none/none",
                             "/deep/00",
                             "/List"}) {
        EXPECT_EQ(pointer(path).resolve(document), nullptr) << path;
    }
    EXPECT_NE(pointer("/deep/0").resolve(document), nullptr) << "a digit is also a key";
    EXPECT_EQ(*pointer("/~01").resolve(document), Value(5)) << "~01 is ~1, never /";
}

TEST(Pointer, RefusesTextThatIsNone) {
    for (const char* text :
         {"a", "a/b", "#/a", " /a", "/~", "/a~", "/~2", "/a~b/c", "/~~0", "/ok/~ "}) {
        const auto parsed = Pointer::parse(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, core::Code::badField);
    }
}

TEST(Pointer, IsTakenApartAndPutTogether) {
    const Pointer path = pointer("/a~1b/~0/ /0/");
    EXPECT_EQ(path.tokens(), (std::vector<std::string>{"a/b", "~", " ", "0", ""}));
    EXPECT_EQ(Pointer().child("a/b").child("~").child(" ").child(std::size_t{0}).child(""), path);
    EXPECT_EQ(path.lastToken(), "");
    EXPECT_EQ(path.parent().lastToken(), "0");
    EXPECT_EQ(path.parent().parent().parent().text(), "/a~1b/~0");
    EXPECT_EQ(pointer("/~01~10").lastToken(), "~1/0");
    EXPECT_TRUE(pointer("/a").parent().isRoot());
    EXPECT_TRUE(Pointer().tokens().empty());
    EXPECT_EQ(pointer("//").tokens(), (std::vector<std::string>{"", ""}));
}

TEST(Pointer, KnowsItsRelatives) {
    const struct {
        const char* one;
        const char* other;
        bool isAncestor;
        bool overlaps;
    } rows[] = {
        {"", "", false, true},         {"", "/a", true, true},
        {"", "/", true, true},         {"/a", "/a", false, true},
        {"/a", "/a/b", true, true},    {"/a", "/a/", true, true},
        {"/a", "/ab", false, false},   {"/a/b", "/a", false, true},
        {"/a", "/b", false, false},    {"/a/b", "/a/c", false, false},
        {"/a~1b", "/a", false, false}, {"/a", "/a~1b", false, false},
        {"/", "//", true, true},       {"/a/1", "/a/10", false, false},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(pointer(row.one).isAncestorOf(pointer(row.other)), row.isAncestor)
            << row.one << ' ' << row.other;
        EXPECT_EQ(pointer(row.one).overlaps(pointer(row.other)), row.overlaps);
        EXPECT_EQ(pointer(row.other).overlaps(pointer(row.one)), row.overlaps);
        EXPECT_EQ(isAncestorText(row.one, row.other), row.isAncestor);
        EXPECT_EQ(textsOverlap(row.one, row.other), row.overlaps);
    }
}

TEST(Pointer, ResolvesToWhatCanBeChanged) {
    Value document = json(R"({"list":[{"a":1}]})");
    *pointer("/list/0/a").resolve(document) = Value("new");
    EXPECT_EQ(document, json(R"({"list":[{"a":"new"}]})"));
}

TEST(Pointer, EveryPlaceInAValueIsFoundByItsPath) {
    tests::RandomValues random(3);
    const auto walk = [](const auto& self, const Value& root, const Value& at,
                         const Pointer& path) -> void {
        ASSERT_EQ(path.resolve(root), &at) << path.text();
        const auto again = Pointer::parse(path.text());
        ASSERT_TRUE(again) << path.text();
        Pointer rebuilt;
        for (const std::string& token : again->tokens()) rebuilt = rebuilt.child(token);
        ASSERT_EQ(rebuilt, path);
        for (const Member& member : at.members()) {
            self(self, root, member.value, path.child(member.key()));
        }
        if (!at.isArray()) return;
        for (std::size_t i = 0; i < at.size(); ++i) self(self, root, at[i], path.child(i));
    };
    for (int i = 0; i < 300; ++i) {
        const Value value = random.value();
        walk(walk, value, value, Pointer());
    }
}

}  // namespace
}  // namespace syncline::json
