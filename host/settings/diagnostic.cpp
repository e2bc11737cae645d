// SPDX-License-Identifier: Apache-2.0
#include "settings/diagnostic.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "settings/utf8.h"

namespace syncline::settings {

namespace {

constexpr std::size_t shownMax = 120;  ///< code points of a line that are printed
constexpr std::size_t diagnosticsMax = 500;

std::string_view fromCodePoint(std::string_view text, std::size_t skip) {
    std::size_t at = 0;
    for (; skip > 0 && at < text.size(); --skip) {
        ++at;
        while (at < text.size() && isContinuation(text[at])) ++at;
    }
    return text.substr(at);
}

std::string_view firstCodePoints(std::string_view text, std::size_t count) {
    return text.substr(0, text.size() - fromCodePoint(text, count).size());
}

/// The part of a long line around the caret, and how far the caret stands in it.
struct Excerpt {
    std::string text;
    std::size_t caret;  ///< code points before it
};

Excerpt excerptOf(const std::string& line, std::size_t column) {
    const auto shown = printable(line);
    const auto length = codePointCount(shown);
    const auto caret = column == 0 ? 0 : column - 1;
    if (length <= shownMax) return {shown, caret};
    const auto skip = caret > shownMax / 2 ? caret - shownMax / 2 : 0;
    const auto rest = fromCodePoint(shown, skip);
    std::string text(skip > 0 ? "…" : "");
    text += firstCodePoints(rest, shownMax);
    if (codePointCount(rest) > shownMax) text += "…";
    return {text, caret - skip + (skip > 0 ? 1 : 0)};
}

std::string rightAligned(std::uint32_t number) {
    auto text = std::to_string(number);
    if (text.size() < 5) text.insert(0, 5 - text.size(), ' ');
    return text;
}

}  // namespace

std::string Diagnostic::render() const {
    std::string text = file;
    if (line > 0) text += ":" + std::to_string(line) + ":" + std::to_string(column);
    text += severity == Severity::error ? ": error[" : ": warning[";
    text += code + "]: " + printable(message) + "\n";
    if (line == 0) return hint.empty() ? text : text + "      = " + printable(hint) + "\n";
    const auto excerpt = excerptOf(sourceLine, column);
    const auto number = rightAligned(line);
    text += number + " | " + excerpt.text + "\n";
    text += std::string(number.size(), ' ') + " | " + std::string(excerpt.caret, ' ') + "^";
    if (!hint.empty()) text += " " + printable(hint);
    return text + "\n";
}

void Diagnostics::add(Severity severity, Code code, const Position& position, std::string message,
                      std::string hint) {
    if (all_.size() >= diagnosticsMax) {
        omitted_ += severity == Severity::error ? 1 : 0;
        return;
    }
    Diagnostic diagnostic{severity,           codeText(code),  {}, position.line, position.column,
                          std::move(message), std::move(hint), {}};
    if (position.source) {
        diagnostic.file = position.source->name();
        diagnostic.sourceLine = position.source->line(position.line);
    }
    all_.push_back(std::move(diagnostic));
}

void Diagnostics::error(Code code, const Position& position, std::string message,
                        std::string hint) {
    add(Severity::error, code, position, std::move(message), std::move(hint));
}

void Diagnostics::warning(Code code, const Position& position, std::string message,
                          std::string hint) {
    add(Severity::warning, code, position, std::move(message), std::move(hint));
}

bool Diagnostics::hasErrors() const {
    return std::any_of(all_.begin(), all_.end(), [](const Diagnostic& diagnostic) {
        return diagnostic.severity == Severity::error;
    });
}

void Diagnostics::sort() {
    std::stable_sort(all_.begin(), all_.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
    });
}

std::string Diagnostics::render() const {
    std::string text;
    for (const auto& diagnostic : all_) text += diagnostic.render();
    const auto errors = std::count_if(all_.begin(), all_.end(), [](const Diagnostic& diagnostic) {
        return diagnostic.severity == Severity::error;
    });
    if (errors > 0) text += std::to_string(errors) + (errors == 1 ? " error\n" : " errors\n");
    if (omitted_ > 0) text += "and " + std::to_string(omitted_) + " more, which are not shown\n";
    return text;
}

}  // namespace syncline::settings
