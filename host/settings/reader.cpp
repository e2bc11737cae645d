// SPDX-License-Identifier: Apache-2.0
#include "settings/reader.h"

#include <system_error>

#include "settings/suggest.h"

namespace syncline::settings {

namespace {

constexpr std::string_view durationHint = "write a number and a unit: 250ms, 30s, 5m, 12h or 7d";

std::string integerText(std::int64_t value) {
    return std::to_string(value);
}

}  // namespace

std::filesystem::path Reader::resolve(std::string_view path) const {
    return (folder_ / std::filesystem::path(path)).lexically_normal();
}

const std::string* Reader::scalar(const Node& node, const std::string& name, Code code,
                                  std::string_view expected) {
    if (node.broken) return nullptr;
    if (node.isScalar() && !node.secret) return &node.text;
    if (node.secret) {
        diagnostics_.error(Code::secretNotAllowed, node.position,
                           "'" + name + "' is shown in logs, so it cannot be a secret",
                           "use ${NAME} instead");
        return nullptr;
    }
    diagnostics_.error(code, node.position,
                       "'" + name + "' is " + described(node) + ", not " + std::string(expected));
    return nullptr;
}

std::optional<std::string> Reader::text(const Node& node, const std::string& name) {
    const auto* found = scalar(node, name, Code::expectedText, "a text");
    if (found == nullptr) return std::nullopt;
    if (!found->empty()) return *found;
    diagnostics_.error(Code::emptyValue, node.position, "'" + name + "' is empty");
    return std::nullopt;
}

std::optional<bool> Reader::boolean(const Node& node, const std::string& name) {
    const auto* found = scalar(node, name, Code::notABoolean, "true or false");
    if (found == nullptr) return std::nullopt;
    if (!node.quoted && *found == "true") return true;
    if (!node.quoted && *found == "false") return false;
    diagnostics_.error(Code::notABoolean, node.position,
                       "'" + name + "' is " + described(node) + ", not true or false",
                       node.quoted ? "remove the quotes" : "write true or false");
    return std::nullopt;
}

std::optional<std::int64_t> Reader::within(std::int64_t value, Range range, const Node& node,
                                           const std::string& name,
                                           std::string (*show)(std::int64_t)) {
    if (value >= range.min && value <= range.max) return value;
    diagnostics_.error(Code::outOfRange, node.position,
                       "'" + name + "' is " + show(value) + ", which is too " +
                           (value < range.min ? "small" : "large"),
                       "allowed: " + show(range.min) + " to " + show(range.max));
    return std::nullopt;
}

std::optional<std::int64_t> Reader::integer(const Node& node, const std::string& name,
                                            Range range) {
    const auto* found = scalar(node, name, Code::notAnInteger, "a whole number");
    if (found == nullptr) return std::nullopt;
    const auto value = node.quoted ? std::nullopt : parseInteger(*found);
    if (value) return within(*value, range, node, name, integerText);
    diagnostics_.error(Code::notAnInteger, node.position,
                       "'" + name + "' is " + described(node) + ", not a whole number",
                       node.quoted && parseInteger(*found) ? "remove the quotes" : "");
    return std::nullopt;
}

std::optional<std::int64_t> Reader::duration(const Node& node, const std::string& name,
                                             Range range) {
    const auto* found = scalar(node, name, Code::notADuration, "a duration");
    if (found == nullptr) return std::nullopt;
    if (const auto value = parseDurationMs(*found)) {
        return within(*value, range, node, name, durationText);
    }
    diagnostics_.error(Code::notADuration, node.position,
                       "'" + name + "' is " + described(node) + ", not a duration",
                       std::string(durationHint));
    return std::nullopt;
}

std::optional<std::int64_t> Reader::size(const Node& node, const std::string& name, Range range) {
    const auto* found = scalar(node, name, Code::notASize, "a size");
    if (found == nullptr) return std::nullopt;
    if (const auto value = parseSizeBytes(*found)) {
        return within(*value, range, node, name, sizeText);
    }
    diagnostics_.error(Code::notASize, node.position,
                       "'" + name + "' is " + described(node) + ", not a size",
                       parseInteger(*found) ? "add a unit: " + *found + "B"
                                            : "write a number and a unit: 512B, 64KiB or 8MiB");
    return std::nullopt;
}

std::optional<Address> Reader::address(const Node& node, const std::string& name) {
    const auto* found = scalar(node, name, Code::badAddress, "an address");
    if (found == nullptr) return std::nullopt;
    if (auto value = parseAddress(*found)) return value;
    diagnostics_.error(Code::badAddress, node.position,
                       "'" + name + "' is " + described(node) + ", not an address to bind",
                       "write \"host:port\", as in \"127.0.0.1:8080\" or \"[::1]:8080\"");
    return std::nullopt;
}

std::optional<std::string> Reader::pattern(const Node& node, const std::string& name) {
    const auto* found = scalar(node, name, Code::badPattern, "a pattern");
    if (found == nullptr) return std::nullopt;
    if (isNamePattern(*found)) return *found;
    diagnostics_.error(Code::badPattern, node.position,
                       "'" + name + "' is " + described(node) + ", which no name can match",
                       "names have 1 to 255 bytes and no control characters; '*' matches any");
    return std::nullopt;
}

std::optional<std::string> Reader::existing(const Node& node, const std::string& name) {
    const auto found = text(node, name);
    if (!found) return std::nullopt;
    const auto path = resolve(*found);
    std::error_code error;
    if (std::filesystem::exists(path, error)) return path.string();
    diagnostics_.error(Code::pathMissing, node.position, "'" + name + "': no such file or folder",
                       "looked for " + path.string());
    return std::nullopt;
}

std::optional<std::size_t> Reader::choice(const Node& node, const std::string& name,
                                          const std::vector<std::string>& words) {
    const auto* found = scalar(node, name, Code::notAChoice, "one of the known words");
    if (found == nullptr) return std::nullopt;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == *found) return i;
    }
    diagnostics_.error(Code::notAChoice, node.position,
                       "'" + name + "' cannot be " + described(node), suggestion(*found, words));
    return std::nullopt;
}

bool Reader::isMap(const Node& node, const std::string& label) {
    if (node.isMap() || node.isNull()) return true;
    if (node.broken) return false;
    diagnostics_.error(Code::expectedMap, node.position,
                       label + " is " + described(node) + ", not a map",
                       "write it as 'key: value' lines, or { key: value }");
    return false;
}

bool Reader::isList(const Node& node, const std::string& label) {
    if (node.isList() || node.isNull()) return true;
    if (node.broken) return false;
    diagnostics_.error(Code::expectedList, node.position,
                       label + " is " + described(node) + ", not a list",
                       "write it as '- item' lines, or [ item, item ]");
    return false;
}

}  // namespace syncline::settings
