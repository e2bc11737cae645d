// SPDX-License-Identifier: Apache-2.0
#include "settings/document.h"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <string_view>

#include "settings/tree_builder.h"
#include "settings/utf8.h"

namespace syncline::settings {

namespace {

struct Wording {
    std::string_view yamlCpp;
    std::string_view message;
    std::string_view hint;
};

/// yaml-cpp's words for what people get wrong most, said so that they help.
constexpr Wording wordings[] = {
    {"illegal map value", "a ':' is not allowed here",
     "quote the text, or check the indentation of this line"},
    {"end of map not found", "this line fits no map above it", "check its indentation"},
    {"end of sequence not found", "this line fits no list above it", "check its indentation"},
    {"illegal flow end", "nothing is open here that this could close", "remove it"},
    {"illegal block entry", "a '-' is not allowed here", "check the indentation of this line"},
    {"illegal map key", "a key is not allowed here", "check the indentation of this line"},
    {"unknown token", "no value can begin with this character", "quote the text"},
};

Position placeOf(const SourcePtr& source, const YAML::Mark& mark) {
    if (mark.is_null()) return {source, 1, 1};
    const auto line = std::min(static_cast<std::uint32_t>(mark.line) + 1, source->lineCount());
    const auto bytes = static_cast<std::size_t>(std::max(mark.column, 0));
    const auto column = codePointCount(source->line(line).substr(0, bytes)) + 1;
    return {source, line, static_cast<std::uint32_t>(column)};
}

/// Reports an unclosed quote or bracket where it stands, which is often far before the place at
/// which the parser noticed. False if that is not what is wrong.
bool reportUnclosed(const std::string& said, const Position& noticed, const TreeBuilder& builder,
                    Diagnostics& diagnostics) {
    if (const auto text = builder.longTextEndingIn(noticed.line)) {
        diagnostics.error(Code::unterminatedText, *text,
                          "this quoted text ends only in line " + std::to_string(noticed.line),
                          "is its closing quote missing?");
        return true;
    }
    const auto offset = offsetOf(noticed);
    const auto& text = noticed.source->text();
    if (offset > 0 && offset < text.size() && text.compare(offset - 1, 2, "${") == 0) {
        diagnostics.error(Code::yamlSyntax, positionAt(noticed.source, offset - 1),
                          "a text with '${…}' inside [ ] or { } needs quotes", "write \"${NAME}\"");
        return true;
    }
    const bool list = said == YAML::ErrorMsg::END_OF_SEQ_FLOW;
    if (!list && said != YAML::ErrorMsg::END_OF_MAP_FLOW) return false;
    const auto opened = builder.innermostOpen(list ? Node::Kind::list : Node::Kind::map);
    if (!opened) return false;
    diagnostics.error(Code::yamlSyntax, *opened,
                      std::string("this '") + (list ? "[" : "{") + "' is not closed, or what " +
                          "follows in line " + std::to_string(noticed.line) + " is no part of it",
                      std::string("add the '") + (list ? "]'" : "}'"));
    return true;
}

void reportSyntax(const SourcePtr& source, const YAML::Exception& problem,
                  const TreeBuilder& builder, Diagnostics& diagnostics) {
    const auto position = placeOf(source, problem.mark);
    if (problem.msg == YAML::ErrorMsg::UNKNOWN_ANCHOR) {
        diagnostics.error(Code::unknownAnchor, position, "this alias names no anchor above it",
                          "define it with '&name' first");
        return;
    }
    if (reportUnclosed(problem.msg, position, builder, diagnostics)) return;
    for (const auto& wording : wordings) {
        if (problem.msg != wording.yamlCpp) continue;
        diagnostics.error(Code::yamlSyntax, position, std::string(wording.message),
                          std::string(wording.hint));
        return;
    }
    diagnostics.error(Code::yamlSyntax, position, problem.msg);
}

/// Whether the parse went to the end; what it saw until then is reported either way.
bool runParser(const SourcePtr& source, TreeBuilder& builder, Diagnostics& diagnostics) {
    std::istringstream in(source->text());
    try {
        YAML::Parser parser(in);
        while (parser.HandleNextDocument(builder)) {
        }
        return true;
    } catch (const ParseStopped&) {
    } catch (const YAML::Exception& problem) {
        reportSyntax(source, problem, builder, diagnostics);
    } catch (const std::exception& problem) {
        diagnostics.error(Code::yamlSyntax, {source, 1, 1}, problem.what());
    }
    return false;
}

}  // namespace

std::string described(const Node& node) {
    switch (node.kind) {
        case Node::Kind::null:
            return "nothing";
        case Node::Kind::list:
            return "a list";
        case Node::Kind::map:
            return "a map";
        case Node::Kind::scalar:
            break;
    }
    if (node.secret) return "a secret (***)";
    constexpr std::size_t shownMax = 60;
    if (codePointCount(node.text) <= shownMax) return "'" + node.text + "'";
    auto end = shownMax;
    while (end > 0 && isContinuation(node.text[end])) --end;
    return "'" + node.text.substr(0, end) + "…'";
}

std::optional<Node> parseDocument(const SourcePtr& source, Diagnostics& diagnostics) {
    if (!checkIndentation(source, diagnostics)) return std::nullopt;
    TreeBuilder builder(source, diagnostics);
    if (!runParser(source, builder, diagnostics)) return std::nullopt;
    auto root = builder.takeRoot();
    if (root && !root->isNull()) return root;
    diagnostics.error(Code::emptyDocument, {source, 1, 1}, "the file holds no configuration",
                      "begin with 'version: 1'");
    return std::nullopt;
}

}  // namespace syncline::settings
