// SPDX-License-Identifier: Apache-2.0
#include "json/pointer.h"

#include <cassert>
#include <charconv>
#include <limits>

namespace syncline::json {

namespace {

/// Takes the first token (still escaped) off a text that starts with '/'.
std::string_view takeToken(std::string_view& text) {
    text.remove_prefix(1);
    const std::string_view token = text.substr(0, text.find('/'));
    text.remove_prefix(token.size());
    return token;
}

std::string unescape(std::string_view escaped) {
    std::string token;
    token.reserve(escaped.size());
    for (std::size_t i = 0; i < escaped.size(); ++i) {
        const bool isEscape = escaped[i] == '~';
        if (isEscape) ++i;
        token += !isEscape ? escaped[i] : escaped[i] == '0' ? '~' : '/';
    }
    return token;
}

const Value* step(const Value& from, std::string_view escaped) {
    if (from.isArray()) {
        const auto index = Pointer::arrayIndex(escaped);
        return index && *index < from.size() ? &from[*index] : nullptr;
    }
    if (escaped.find('~') == std::string_view::npos) return from.find(escaped);
    return from.find(unescape(escaped));
}

}  // namespace

core::Result<Pointer> Pointer::parse(std::string_view text) {
    if (!text.empty() && text.front() != '/') {
        return core::fail(core::Code::badField, "a JSON pointer starts with '/' or is empty");
    }
    for (std::size_t at = text.find('~'); at != std::string_view::npos;
         at = text.find('~', at + 1)) {
        if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) {
            return core::fail(core::Code::badField,
                              "a '~' in a JSON pointer is written \"~0\", a '/' \"~1\"");
        }
    }
    return Pointer(std::string(text));
}

std::vector<std::string> Pointer::tokens() const {
    std::vector<std::string> tokens;
    for (std::string_view rest = text_; !rest.empty();) tokens.push_back(unescape(takeToken(rest)));
    return tokens;
}

std::string Pointer::lastToken() const {
    assert(!isRoot());
    return unescape(std::string_view(text_).substr(text_.rfind('/') + 1));
}

Pointer Pointer::parent() const {
    assert(!isRoot());
    return Pointer(text_.substr(0, text_.rfind('/')));
}

Pointer Pointer::child(std::string_view token) const {
    return Pointer(text_ + '/' + escape(token));
}

bool Pointer::isAncestorOf(const Pointer& other) const {
    return isAncestorText(text_, other.text_);
}

bool Pointer::overlaps(const Pointer& other) const {
    return textsOverlap(text_, other.text_);
}

const Value* Pointer::resolve(const Value& root) const {
    const Value* at = &root;
    for (std::string_view rest = text_; !rest.empty() && at != nullptr;) {
        at = step(*at, takeToken(rest));
    }
    return at;
}

Value* Pointer::resolve(Value& root) const {
    return const_cast<Value*>(resolve(std::as_const(root)));
}

std::string Pointer::escape(std::string_view token) {
    std::string escaped;
    escaped.reserve(token.size());
    for (const char character : token) {
        if (character == '~') {
            escaped += "~0";
        } else if (character == '/') {
            escaped += "~1";
        } else {
            escaped += character;
        }
    }
    return escaped;
}

std::optional<std::size_t> Pointer::arrayIndex(std::string_view token) {
    if (token.empty() || (token.front() == '0' && token.size() > 1)) return std::nullopt;
    std::size_t index = 0;
    const char* const end = token.data() + token.size();
    // For an unsigned type, from_chars takes digits only: no sign, no space.
    const auto [stop, error] = std::from_chars(token.data(), end, index);
    if (error != std::errc() || stop != end) return std::nullopt;
    return index;
}

bool isAncestorText(std::string_view ancestor, std::string_view descendant) {
    return descendant.size() > ancestor.size() && descendant[ancestor.size()] == '/' &&
           descendant.starts_with(ancestor);
}

bool textsOverlap(std::string_view one, std::string_view other) {
    return one == other || isAncestorText(one, other) || isAncestorText(other, one);
}

}  // namespace syncline::json
