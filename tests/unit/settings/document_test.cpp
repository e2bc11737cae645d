// SPDX-License-Identifier: Apache-2.0
#include "settings/document.h"

#include <gtest/gtest.h>

#include <string>

#include "settings/json_document.h"

namespace syncline::settings {
namespace {

struct Parsed {
    std::optional<Node> root;
    Diagnostics diagnostics;
};

Parsed parse(const std::string& text) {
    Parsed parsed;
    const auto source = checkSource("a.yaml", text, parsed.diagnostics);
    if (source) parsed.root = parseDocument(source, parsed.diagnostics);
    return parsed;
}

std::string placeOf(const Position& position) {
    return std::to_string(position.line) + ":" + std::to_string(position.column);
}

TEST(Document, KnowsWhereEveryKeyAndValueStands) {
    const auto parsed = parse("größe: 1\nlist:\n  - ä: [ü, \"x\"]\n");
    ASSERT_TRUE(parsed.root);
    const auto& members = parsed.root->members;
    ASSERT_EQ(members.size(), 2u);
    EXPECT_EQ(placeOf(members[0].keyPosition), "1:1");
    EXPECT_EQ(placeOf(members[0].value.position), "1:8");
    const auto& inner = members[1].value.items.at(0).members.at(0);
    EXPECT_EQ(placeOf(inner.keyPosition), "3:5");
    EXPECT_EQ(placeOf(inner.value.items.at(1).position), "3:12");
    EXPECT_TRUE(inner.value.items.at(1).quoted);
    EXPECT_FALSE(inner.value.items.at(0).quoted);
}

TEST(Document, CountsColumnsInCodePointsWithWindowsLineEndsToo) {
    const auto parsed = parse("a: 1\r\nb: {ü: 😀, c: 3}\r\n");
    ASSERT_TRUE(parsed.root);
    EXPECT_EQ(placeOf(parsed.root->members[1].value.members[1].keyPosition), "2:11");
}

TEST(Document, SkipsAByteOrderMark) {
    const auto parsed = parse(
        "\xEF\xBB\xBF"
        "a: 1\n");
    ASSERT_TRUE(parsed.root);
    EXPECT_EQ(placeOf(parsed.root->members[0].keyPosition), "1:1");
}

TEST(Document, PutsAnAbsentValueAtItsKeyOrDash) {
    const auto parsed = parse("a:\nb: ~\nc: null\nd:\n  -\n  - 1\n");
    ASSERT_TRUE(parsed.root);
    const auto& members = parsed.root->members;
    EXPECT_EQ(placeOf(members[0].value.position), "1:1");
    EXPECT_EQ(placeOf(members[1].value.position), "2:4");
    EXPECT_EQ(placeOf(members[2].value.position), "3:4");
    EXPECT_EQ(placeOf(members[3].value.items.at(0).position), "5:3");
    EXPECT_TRUE(members[3].value.items.at(0).isNull());
}

TEST(Document, TakesAQuotedWordForAText) {
    const auto parsed = parse("a: \"null\"\nb: 'true'\nc: |\n  5\n");
    ASSERT_TRUE(parsed.root);
    for (const auto& member : parsed.root->members) {
        EXPECT_TRUE(member.value.isScalar());
        EXPECT_TRUE(member.value.quoted);
    }
}

TEST(Document, WritesOutAFewAliases) {
    const auto parsed = parse("a: &x [1, 2]\nb: *x\nc: *x\n");
    ASSERT_TRUE(parsed.root);
    EXPECT_EQ(parsed.root->find("c")->value.items.size(), 2u);
    EXPECT_EQ(placeOf(parsed.root->find("c")->value.position), "1:4");
}

TEST(Document, RefusesAnAliasBombWithoutWritingItOut) {
    std::string text = "a0: &a0 [x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i <= 7; ++i) {
        const auto name = "a" + std::to_string(i);
        const auto before = "*a" + std::to_string(i - 1);
        text += name + ": &" + name + " [";
        for (int j = 0; j < 8; ++j) text += (j == 0 ? "" : ",") + before;
        text += "]\n";
    }
    const auto parsed = parse(text);
    EXPECT_FALSE(parsed.root);
    ASSERT_EQ(parsed.diagnostics.all().size(), 1u);
    EXPECT_EQ(parsed.diagnostics.all()[0].code, "C015");
}

TEST(Document, StandsAMillionOpenBrackets) {
    for (const char* open : {"[", "{", "{a: ", "- ", "? "}) {
        std::string text;
        while (text.size() + 8 < configBytesMax) text += open;
        const auto parsed = parse(text);
        EXPECT_FALSE(parsed.root);
        EXPECT_TRUE(parsed.diagnostics.hasErrors());
    }
}

TEST(Document, ReportsEveryDuplicateKeyAndGoesOn) {
    const auto parsed = parse("a: 1\na: 2\nb: {c: 1, c: 2}\na: 3\n");
    ASSERT_TRUE(parsed.root);
    EXPECT_EQ(parsed.diagnostics.all().size(), 3u);
    EXPECT_EQ(parsed.root->find("a")->value.text, "1");
}

TEST(Document, RefusesAFileThatIsTooLarge) {
    const auto parsed = parse(std::string(configBytesMax + 1, ' '));
    ASSERT_EQ(parsed.diagnostics.all().size(), 1u);
    EXPECT_EQ(parsed.diagnostics.all()[0].code, "C003");
}

TEST(JsonDocument, KnowsWhereEveryKeyAndValueStands) {
    Diagnostics diagnostics;
    const auto source = checkSource(
        "a.json", "{\"ü\\\"\\\\\": [1, -2.5e3, \"x\", true, null],\n\t\"o\": {\"\": {}}}\n",
        diagnostics);
    const auto root = parseJsonDocument(source, diagnostics);
    ASSERT_TRUE(root) << diagnostics.render();
    EXPECT_EQ(root->members[0].key, "ü\"\\");
    EXPECT_EQ(placeOf(root->members[0].keyPosition), "1:2");
    const auto& items = root->members[0].value.items;
    EXPECT_EQ(placeOf(root->members[0].value.position), "1:11");
    EXPECT_EQ(placeOf(items.at(0).position), "1:12");
    EXPECT_EQ(placeOf(items.at(1).position), "1:15");
    EXPECT_EQ(placeOf(items.at(2).position), "1:23");
    EXPECT_EQ(placeOf(items.at(3).position), "1:28");
    EXPECT_EQ(placeOf(items.at(4).position), "1:34");
    EXPECT_EQ(placeOf(root->members[1].value.members[0].keyPosition), "2:8");
    EXPECT_EQ(placeOf(root->members[1].value.members[0].value.position), "2:12");
}

TEST(JsonDocument, RefusesDeepNesting) {
    Diagnostics diagnostics;
    const auto source = checkSource("a.json", std::string(100'000, '['), diagnostics);
    EXPECT_FALSE(parseJsonDocument(source, diagnostics));
    EXPECT_EQ(diagnostics.all().at(0).code, "C014");
}

}  // namespace
}  // namespace syncline::settings
