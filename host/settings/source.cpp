// SPDX-License-Identifier: Apache-2.0
#include "settings/source.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "json/utf8.h"
#include "settings/diagnostic.h"
#include "settings/utf8.h"

namespace syncline::settings {

Source::Source(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)), starts_{0} {
    for (std::size_t at = 0; at < text_.size(); ++at) {
        if (text_[at] == '\n') starts_.push_back(at + 1);
    }
}

std::size_t Source::lineOffset(std::uint32_t number) const {
    if (number == 0) return 0;
    return number > starts_.size() ? text_.size() : starts_[number - 1];
}

std::string_view Source::line(std::uint32_t number) const {
    if (number == 0 || number > starts_.size()) return {};
    const auto begin = starts_[number - 1];
    const auto end = number < starts_.size() ? starts_[number] - 1 : text_.size();
    auto line = std::string_view(text_).substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

Position positionAt(const SourcePtr& source, std::size_t offset) {
    const auto& text = source->text();
    offset = std::min(offset, text.size());
    const auto before = std::string_view(text).substr(0, offset);
    const auto line =
        static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n')) + 1;
    const auto begin = source->lineOffset(line);
    const auto column = codePointCount(std::string_view(text).substr(begin, offset - begin)) + 1;
    return {source, line, static_cast<std::uint32_t>(column)};
}

std::size_t offsetOf(const Position& position) {
    if (!position.source || position.line == 0) return 0;
    const auto& text = position.source->text();
    auto offset = position.source->lineOffset(position.line);
    for (auto column = position.column; column > 1 && offset < text.size(); --column) {
        ++offset;
        while (offset < text.size() && isContinuation(text[offset])) ++offset;
    }
    return offset;
}

bool readFile(const std::filesystem::path& path, std::string& bytes, std::string& reason) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) {
        reason = "no such file";
        return false;
    }
    if (!std::filesystem::is_regular_file(status)) {
        reason = std::filesystem::is_directory(status) ? "it is a folder" : "it is no regular file";
        return false;
    }
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        reason = std::generic_category().message(errno);
        return false;
    }
    bytes.resize(configBytesMax + 1);
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    if (!in.bad()) return true;
    reason = "it cannot be read to its end";
    return false;
}

SourcePtr readSource(const std::filesystem::path& path, const std::string& name,
                     Diagnostics& diagnostics) {
    const Position whole{std::make_shared<const Source>(name, ""), 0, 0};
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
        diagnostics.error(Code::notAFile, whole, "this is not a file: " + path.string(),
                          "name a YAML file");
        return nullptr;
    }
    std::string bytes;
    std::string reason;
    if (!readFile(path, bytes, reason)) {
        diagnostics.error(Code::cannotRead, whole, "cannot read " + path.string() + ": " + reason);
        return nullptr;
    }
    return checkSource(name, std::move(bytes), diagnostics);
}

namespace {

bool isForbiddenControl(const std::string& text, std::size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == '\r') return at + 1 >= text.size() || text[at + 1] != '\n';
    return byte == 0x7f || (byte < 0x20 && byte != '\t' && byte != '\n');
}

bool checkCharacters(const SourcePtr& source, Diagnostics& diagnostics) {
    const auto& text = source->text();
    bool clean = true;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!isForbiddenControl(text, at)) continue;
        clean = false;
        diagnostics.error(Code::controlCharacter, positionAt(source, at),
                          text[at] == '\0' ? "a NUL byte" : "a control character",
                          "remove it, or write it as an escape in a double-quoted text");
    }
    return clean;
}

}  // namespace

SourcePtr checkSource(std::string name, std::string text, Diagnostics& diagnostics) {
    if (text.size() > configBytesMax) {
        const Position whole{std::make_shared<const Source>(std::move(name), ""), 0, 0};
        diagnostics.error(Code::fileTooLarge, whole,
                          "the file is larger than " + std::to_string(configBytesMax) + " bytes");
        return nullptr;
    }
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    auto source = std::make_shared<const Source>(std::move(name), std::move(text));
    if (const auto bad = json::invalidUtf8At(source->text()); bad < source->text().size()) {
        const bool utf16 =
            source->text().starts_with("\xFF\xFE") || source->text().starts_with("\xFE\xFF");
        diagnostics.error(Code::notUtf8, positionAt(source, bad),
                          utf16 ? "the file is UTF-16, not UTF-8" : "this is not UTF-8",
                          "save the file as UTF-8");
        return nullptr;
    }
    if (!checkCharacters(source, diagnostics)) return nullptr;
    return source;
}

bool checkIndentation(const SourcePtr& source, Diagnostics& diagnostics) {
    bool clean = true;
    for (std::uint32_t number = 1; number <= source->lineCount(); ++number) {
        const auto line = source->line(number);
        const auto text = line.find_first_not_of(" \t");
        if (text == std::string_view::npos || line[text] == '#') continue;
        const auto tab = line.substr(0, text).find('\t');
        if (tab == std::string_view::npos) continue;
        clean = false;
        diagnostics.error(Code::tabInIndentation,
                          {source, number, static_cast<std::uint32_t>(tab) + 1},
                          "a tab in the indentation", "indent with spaces");
    }
    return clean;
}

}  // namespace syncline::settings
