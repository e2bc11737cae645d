// SPDX-License-Identifier: Apache-2.0
#include "settings/diagnostic.h"

#include <gtest/gtest.h>

#include <string>

namespace syncline::settings {
namespace {

SourcePtr sourceOf(const std::string& text) {
    return std::make_shared<const Source>("syncline.yaml", text);
}

TEST(Diagnostic, ShowsTheLineAndACaretUnderTheColumn) {
    std::string text(27, '\n');
    text += "        with: { per_conection: 50/s }\n";
    Diagnostics diagnostics;
    diagnostics.error(Code::unknownKey, {sourceOf(text), 28, 17},
                      "unknown key 'per_conection' in stage 'rate_limit'",
                      "did you mean 'per_connection'?");
    EXPECT_EQ(diagnostics.all()[0].render(),
              "syncline.yaml:28:17: error[C104]: unknown key 'per_conection' in stage "
              "'rate_limit'\n"
              "   28 |         with: { per_conection: 50/s }\n"
              "      |                 ^ did you mean 'per_connection'?\n");
}

TEST(Diagnostic, CountsCodePointsForTheCaret) {
    Diagnostics diagnostics;
    diagnostics.warning(Code::noChannel, {sourceOf("größe: {ü: 1}"), 1, 9}, "here");
    EXPECT_EQ(diagnostics.all()[0].render(),
              "syncline.yaml:1:9: warning[C217]: here\n"
              "    1 | größe: {ü: 1}\n"
              "      |         ^\n");
}

TEST(Diagnostic, CutsALongLineAroundTheCaret) {
    std::string text(1000, 'a');
    text[500] = 'X';
    Diagnostics diagnostics;
    diagnostics.error(Code::yamlSyntax, {sourceOf(text), 1, 501}, "here");
    const auto shown = diagnostics.all()[0].render();
    EXPECT_LT(shown.size(), 400u);
    const auto lineBegin = shown.find('\n') + 1;
    const auto caretBegin = shown.find('\n', lineBegin) + 1;
    const auto caret = shown.find('^') - caretBegin;
    // The mark for "cut here" is one code point of three bytes.
    EXPECT_EQ(shown.find('X') - lineBegin - 2, caret);
}

TEST(Diagnostic, PrintsNoControlCharacterOfTheFile) {
    Diagnostics diagnostics;
    diagnostics.error(Code::controlCharacter, {sourceOf("a\x1b[2J\x07\xff"), 1, 2}, "bad\x1b");
    const auto shown = diagnostics.all()[0].render();
    EXPECT_EQ(shown.find('\x1b'), std::string::npos);
    EXPECT_EQ(shown.find('\x07'), std::string::npos);
    EXPECT_EQ(shown.find('\xff'), std::string::npos);
}

TEST(Diagnostic, OfAWholeFileHasNoLine) {
    Diagnostics diagnostics;
    diagnostics.error(Code::cannotRead, {sourceOf(""), 0, 0}, "cannot read it", "create it");
    EXPECT_EQ(diagnostics.all()[0].render(),
              "syncline.yaml: error[C001]: cannot read it\n      = create it\n");
}

TEST(Diagnostics, AreSortedByPlaceAndCounted) {
    const auto source = sourceOf("a\nb\n");
    Diagnostics diagnostics;
    diagnostics.error(Code::unknownKey, {source, 2, 1}, "second");
    diagnostics.warning(Code::noChannel, {source, 1, 2}, "first");
    diagnostics.error(Code::missingKey, {source, 2, 1}, "third");
    diagnostics.sort();
    EXPECT_EQ(diagnostics.all()[0].message, "first");
    EXPECT_EQ(diagnostics.all()[2].message, "third");
    EXPECT_TRUE(diagnostics.render().ends_with("\n2 errors\n"));
}

TEST(Diagnostics, SayHowManyTheyDoNotShow) {
    Diagnostics diagnostics;
    for (int i = 0; i < 1000; ++i) diagnostics.error(Code::unknownKey, {sourceOf("a"), 1, 1}, "x");
    EXPECT_EQ(diagnostics.all().size(), 500u);
    EXPECT_TRUE(diagnostics.render().ends_with("500 errors\nand 500 more, which are not shown\n"));
}

TEST(Codes, AreAtLeastFortyAndInOrderAndDistinct) {
    const auto meanings = codeMeanings();
    EXPECT_GE(meanings.size(), 40u);
    for (std::size_t i = 1; i < meanings.size(); ++i) {
        EXPECT_LT(meanings[i - 1].code, meanings[i].code);
    }
    EXPECT_EQ(codeText(Code::cannotRead), "C001");
    EXPECT_EQ(codeText(Code::badComponentName), "C316");
}

}  // namespace
}  // namespace syncline::settings
