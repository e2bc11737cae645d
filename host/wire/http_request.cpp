// SPDX-License-Identifier: Apache-2.0
#include "wire/http_request.h"

#include <algorithm>

namespace syncline::wire {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

int hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string_view trimmed(std::string_view text) {
    const auto isSpace = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
    return text;
}

/// Cuts `text` at the first `separator`: answers what is before it, leaves what is behind.
std::string_view cut(std::string_view& text, char separator) {
    const std::size_t at = text.find(separator);
    const std::string_view before = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
    return before;
}

bool isUnreserved(char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

}  // namespace

std::optional<std::string_view> HttpRequest::find(std::string_view name) const {
    for (const HttpHeader& header : headers) {
        if (equalsIgnoringCase(header.name, name)) return header.value;
    }
    return std::nullopt;
}

std::size_t HttpRequest::count(std::string_view name) const {
    return static_cast<std::size_t>(std::count_if(
        headers.begin(), headers.end(),
        [name](const HttpHeader& header) { return equalsIgnoringCase(header.name, name); }));
}

bool HttpRequest::hasToken(std::string_view name, std::string_view token) const {
    for (const HttpHeader& header : headers) {
        if (!equalsIgnoringCase(header.name, name)) continue;
        std::string_view list = header.value;
        while (!list.empty()) {
            if (equalsIgnoringCase(trimmed(cut(list, ',')), token)) return true;
        }
    }
    return false;
}

std::optional<std::string> HttpRequest::parameter(std::string_view name) const {
    std::vector<std::string> values = parameters(name);
    if (values.empty()) return std::nullopt;
    return std::move(values.front());
}

std::vector<std::string> HttpRequest::parameters(std::string_view name) const {
    std::vector<std::string> values;
    std::string_view rest = query;
    while (!rest.empty()) {
        std::string_view value = cut(rest, '&');
        if (percentDecode(cut(value, '='), true) != name) continue;
        if (auto decoded = percentDecode(value, true)) values.push_back(std::move(*decoded));
    }
    return values;
}

std::vector<std::string> HttpRequest::segments() const {
    std::vector<std::string> found;
    std::string_view rest = std::string_view(rawPath).substr(1);
    while (!rest.empty()) {
        // The parser has refused a path that cannot be decoded.
        found.push_back(percentDecode(cut(rest, '/')).value_or(std::string()));
    }
    return found;
}

std::optional<std::string> percentDecode(std::string_view text, bool plusIsSpace) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += plusIsSpace && text[i] == '+' ? ' ' : text[i];
            continue;
        }
        if (text.size() - i < 3) return std::nullopt;
        const int high = hexDigit(text[i + 1]);
        const int low = hexDigit(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        decoded += static_cast<char>(high << 4 | low);
        i += 2;
    }
    return decoded;
}

std::string percentEncode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        if (isUnreserved(c)) {
            encoded += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded += '%';
        encoded += digits[byte >> 4];
        encoded += digits[byte & 15];
    }
    return encoded;
}

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace syncline::wire
