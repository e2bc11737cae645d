// SPDX-License-Identifier: Apache-2.0
#include "settings/substitution.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace syncline::settings {

namespace {

bool isNameCharacter(char character, bool first) {
    const bool letter = (character >= 'a' && character <= 'z') ||
                        (character >= 'A' && character <= 'Z') || character == '_';
    return letter || (!first && character >= '0' && character <= '9');
}

bool isVariableName(std::string_view name) {
    if (name.empty() || !isNameCharacter(name[0], true)) return false;
    return std::all_of(name.begin(), name.end(),
                       [](char character) { return isNameCharacter(character, false); });
}

/// Replaces the variables of one text, and knows where in the file each of them stands.
class TextSubstitution {
public:
    TextSubstitution(Node& node, const Environment& environment, Diagnostics& diagnostics)
        : node_(node),
          environment_(environment),
          diagnostics_(diagnostics),
          cursor_(offsetOf(node.position)) {}

    void run() {
        std::string result;
        const std::string_view text = node_.text;
        for (std::size_t at = 0; at < text.size();) {
            if (text.substr(at).starts_with("$${")) {
                nextPosition();
                result += "${";
                at += 3;
            } else if (text.substr(at).starts_with("${")) {
                at = expand(at, result);
            } else {
                result += text[at++];
            }
        }
        node_.text = std::move(result);
    }

private:
    /// Expands what begins at `at` and returns where the text goes on.
    std::size_t expand(std::size_t at, std::string& result) {
        const auto position = nextPosition();
        const auto end = node_.text.find('}', at);
        if (end == std::string::npos) {
            report(Code::badVariable, position, "this '${' is not closed",
                   "add '}', or write '$${' for a plain '${'");
            return node_.text.size();
        }
        result += valueOf(node_.text.substr(at + 2, end - at - 2), position);
        return end + 1;
    }

    std::string valueOf(const std::string& expression, const Position& position) {
        const auto colon = expression.find(':');
        const auto name = expression.substr(0, colon);
        const auto rest = colon == std::string::npos ? "" : expression.substr(colon);
        const bool hasDefault = rest.starts_with(":-");
        const bool hasMessage = rest.starts_with(":?");
        if (!isVariableName(name) || (!rest.empty() && !hasDefault && !hasMessage)) {
            report(Code::badVariable, position, "'${" + expression + "}' names no variable",
                   "write ${NAME}, ${NAME:-default} or ${NAME:?message}");
            return {};
        }
        const auto value = environment_.find(name);
        if (hasDefault) return value.value_or("").empty() ? rest.substr(2) : *value;
        if (hasMessage && value.value_or("").empty()) {
            report(Code::requiredVariable, position,
                   "the environment variable " + name + " is not set",
                   rest.size() > 2 ? rest.substr(2) : "set it");
        } else if (!value) {
            report(Code::unknownVariable, position,
                   "the environment variable " + name + " is not set",
                   "set it, or give a default: ${" + name + ":-default}");
        }
        return value.value_or("");
    }

    void report(Code code, const Position& position, std::string message, std::string hint) {
        node_.broken = true;
        diagnostics_.error(code, position, std::move(message), std::move(hint));
    }

    /// Where the next "${" of this text stands in the file; the text itself if its source is
    /// written in a way that hides it (an escape in double quotes).
    Position nextPosition() {
        const auto& source = node_.position.source->text();
        const auto found = source.find("${", cursor_);
        if (found == std::string::npos) return node_.position;
        cursor_ = found + 2;
        return positionAt(node_.position.source, found);
    }

    Node& node_;
    const Environment& environment_;
    Diagnostics& diagnostics_;
    std::size_t cursor_;
};

void readSecret(Node& node, const Environment& environment, Diagnostics& diagnostics) {
    const auto name = std::exchange(node.text, {});
    node.secret = true;
    node.quoted = true;
    node.broken = true;
    if (!isVariableName(name)) {
        diagnostics.error(Code::badVariable, node.position,
                          "'!secret' needs the name of an environment variable",
                          "write !secret NAME");
        return;
    }
    node.text = environment.find(name).value_or("");
    node.broken = node.text.empty();
    if (!node.broken) return;
    diagnostics.error(Code::secretMissing, node.position,
                      "the environment variable " + name + " of this secret is not set", "set it");
}

}  // namespace

void substitute(Node& node, const Environment& environment, Diagnostics& diagnostics) {
    for (auto& item : node.items) substitute(item, environment, diagnostics);
    for (auto& member : node.members) substitute(member.value, environment, diagnostics);
    if (!node.isScalar()) return;
    if (!node.tag.empty()) {
        readSecret(node, environment, diagnostics);
    } else if (node.text.find("${") != std::string::npos) {
        TextSubstitution(node, environment, diagnostics).run();
    }
}

}  // namespace syncline::settings
