// SPDX-License-Identifier: Apache-2.0
#include "settings/substitution.h"

#include <gtest/gtest.h>

#include <string>

#include "settings/document.h"

namespace syncline::settings {
namespace {

const FixedEnvironment environment(
    {{"NAME", "value"}, {"EMPTY", ""}, {"NASTY", "]}\n- x: [\"${NAME}"}, {"TOKEN", "hidden"}});

Node substituted(const std::string& text, Diagnostics& diagnostics) {
    auto root = parseDocument(checkSource("a.yaml", text, diagnostics), diagnostics);
    substitute(*root, environment, diagnostics);
    return std::move(*root);
}

std::string textOf(const std::string& written) {
    Diagnostics diagnostics;
    const auto root = substituted("a: " + written + "\n", diagnostics);
    EXPECT_FALSE(diagnostics.hasErrors()) << diagnostics.render();
    return root.find("a")->value.text;
}

TEST(Substitution, ReplacesVariablesInTexts) {
    EXPECT_EQ(textOf("${NAME}"), "value");
    EXPECT_EQ(textOf("'<${NAME}|${NAME}>'"), "<value|value>");
    EXPECT_EQ(textOf("\"${MISSING:-other}/x\""), "other/x");
    EXPECT_EQ(textOf("\"${EMPTY:-other}\""), "other");
    EXPECT_EQ(textOf("\"${NAME:-other}\""), "value");
    EXPECT_EQ(textOf("\"${MISSING:-}\""), "");
    EXPECT_EQ(textOf("\"${EMPTY}\""), "");
    EXPECT_EQ(textOf("\"${NAME:?why}\""), "value");
    EXPECT_EQ(textOf("|\n  ${NAME}\n  b"), "value\nb\n");
}

TEST(Substitution, LeavesEverythingElseAlone) {
    EXPECT_EQ(textOf("$NAME"), "$NAME");
    EXPECT_EQ(textOf("\"$${NAME} $ {NAME} $\""), "${NAME} $ {NAME} $");
    EXPECT_EQ(textOf("\"$$${NAME}\""), "$${NAME}");
}

TEST(Substitution, KeepsWhateverAVariableHoldsInsideItsText) {
    EXPECT_EQ(textOf("\"${NASTY}\""), "]}\n- x: [\"${NAME}");
}

TEST(Substitution, LeavesKeysAlone) {
    Diagnostics diagnostics;
    const auto root = substituted("\"${NAME}\": 1\n", diagnostics);
    EXPECT_EQ(root.members[0].key, "${NAME}");
}

TEST(Substitution, TakesASecretFromTheEnvironmentAndMarksIt) {
    Diagnostics diagnostics;
    const auto root = substituted("a: !secret TOKEN\n", diagnostics);
    const auto& node = root.find("a")->value;
    EXPECT_EQ(node.text, "hidden");
    EXPECT_TRUE(node.secret);
    EXPECT_EQ(described(node), "a secret (***)");
}

TEST(Substitution, NamesTheSecretAndNeverItsValue) {
    Diagnostics diagnostics;
    substituted("a: [ !secret NOWHERE, !secret \"x y\", !secret ]\n", diagnostics);
    ASSERT_EQ(diagnostics.all().size(), 3u);
    EXPECT_EQ(diagnostics.all()[0].code, "C033");
    EXPECT_EQ(diagnostics.all()[1].code, "C032");
    EXPECT_EQ(diagnostics.all()[2].code, "C032");
}

TEST(Substitution, PointsAtTheVariableInsideAFoldedText) {
    Diagnostics diagnostics;
    substituted("a: >-\n  one ${NAME}\n  zwölf ${GONE} ${ALSO_GONE}\n", diagnostics);
    ASSERT_EQ(diagnostics.all().size(), 2u);
    EXPECT_EQ(diagnostics.all()[0].line, 3u);
    EXPECT_EQ(diagnostics.all()[0].column, 9u);
    EXPECT_EQ(diagnostics.all()[1].column, 17u);
}

}  // namespace
}  // namespace syncline::settings
