// SPDX-License-Identifier: Apache-2.0
#include "pointer.h"

#include <charconv>

namespace syncline::schema {

bool Tokens::next(std::string& token) {
    if (rest_.empty() || rest_.front() != '/') return false;
    rest_.remove_prefix(1);
    const std::size_t end = rest_.find('/');
    const std::string_view raw = rest_.substr(0, end);
    rest_.remove_prefix(raw.size());
    token.clear();
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const bool escape = raw[i] == '~' && i + 1 < raw.size();
        if (escape && raw[i + 1] == '1') {
            token += '/';
            ++i;
        } else if (escape && raw[i + 1] == '0') {
            token += '~';
            ++i;
        } else {
            token += raw[i];
        }
    }
    return true;
}

std::string escaped(std::string_view name) {
    std::string text;
    text.reserve(name.size());
    for (const char c : name) {
        if (c == '~') {
            text += "~0";
        } else if (c == '/') {
            text += "~1";
        } else {
            text += c;
        }
    }
    return text;
}

std::size_t indexOf(std::string_view token) {
    constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    if (token.empty() || (token.size() > 1 && token.front() == '0')) return kNone;
    std::size_t index = 0;
    const auto [end, problem] = std::from_chars(token.data(), token.data() + token.size(), index);
    return problem == std::errc() && end == token.data() + token.size() ? index : kNone;
}

std::string_view shortened(std::string_view pointer, std::size_t bytesMax) {
    if (pointer.size() <= bytesMax) return pointer;
    const std::size_t slash = pointer.rfind('/', bytesMax);
    return pointer.substr(0, slash == std::string_view::npos ? 0 : slash);
}

}  // namespace syncline::schema
