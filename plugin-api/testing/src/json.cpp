// SPDX-License-Identifier: Apache-2.0
#include "syncline/testing/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <ostream>
#include <stdexcept>

namespace syncline::conformance {
namespace {

constexpr int kDepthMax = 512;

/// Reads one text from left to right; on the stack of parse().
class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Json whole() {
        Json value = any(0);
        blanks();
        if (at_ != text_.size()) fail("something behind the value");
        return value;
    }

private:
    [[noreturn]] void fail(const std::string& what) const {
        throw std::runtime_error("JSON, offset " + std::to_string(at_) + ": " + what);
    }
    void blanks() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) {
            ++at_;
        }
    }
    bool take(char c) {
        blanks();
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void expect(char c) {
        if (!take(c)) fail(std::string("'") + c + "' is missing");
    }

    Json any(int depth) {
        if (depth > kDepthMax) fail("too deep");
        blanks();
        if (at_ >= text_.size()) fail("the text ends too early");
        switch (text_[at_]) {
            case '{':
                return object(depth);
            case '[':
                return array(depth);
            case '"':
                return string();
            default:
                return literal();
        }
    }

    Json object(int depth) {
        Json::Object members;
        expect('{');
        if (take('}')) return members;
        do {
            blanks();
            if (at_ >= text_.size() || text_[at_] != '"') fail("a name is missing");
            std::string name = string();
            expect(':');
            members.emplace_back(std::move(name), any(depth + 1));
        } while (take(','));
        expect('}');
        return members;
    }

    Json array(int depth) {
        Json::Array elements;
        expect('[');
        if (take(']')) return elements;
        do elements.push_back(any(depth + 1));
        while (take(','));
        expect(']');
        return elements;
    }

    Json literal() {
        const std::size_t end = std::min(text_.find_first_of(" \t\r\n,]}", at_), text_.size());
        const std::string_view word = text_.substr(at_, end - at_);
        at_ = end;
        if (word == "null") return nullptr;
        if (word == "true") return true;
        if (word == "false") return false;
        double number = 0;
        const auto [stop, problem] =
            std::from_chars(word.data(), word.data() + word.size(), number);
        const bool starts = !word.empty() && (word[0] == '-' || (word[0] >= '0' && word[0] <= '9'));
        if (!starts || problem != std::errc() || stop != word.data() + word.size()) {
            fail("'" + std::string(word) + "' is no value");
        }
        return number;
    }

    std::string string() {
        std::string read;
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (static_cast<unsigned char>(text_[at_]) < 0x20) fail("a control character");
            if (text_[at_] == '\\') {
                escape(read);
            } else {
                read += text_[at_];
            }
        }
        if (at_ == text_.size()) fail("a string does not end");
        ++at_;
        return read;
    }

    void escape(std::string& to) {
        constexpr std::string_view names = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        if (++at_ == text_.size()) fail("a string does not end");
        if (const auto known = names.find(text_[at_]); known != names.npos) {
            to += meanings[known];
            return;
        }
        if (text_[at_] != 'u') fail("an unknown escape");
        std::uint32_t code = hex();
        if (code >= 0xd800 && code < 0xdc00) {
            if (text_.substr(at_ + 1, 2) != "\\u") fail("half a surrogate pair");
            at_ += 2;
            code = 0x10000 + ((code - 0xd800) << 10U) + (hex() - 0xdc00);
        }
        appendUtf8(code, to);
    }

    /// The four digits behind `u`; ends on the last.
    std::uint32_t hex() {
        std::uint32_t code = 0;
        const std::string_view digits = text_.substr(at_ + 1, 4);
        const auto [stop, problem] =
            std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        if (problem != std::errc() || stop != digits.data() + 4) fail("four hex digits are needed");
        at_ += 4;
        return code;
    }

    static void appendUtf8(std::uint32_t code, std::string& to) {
        const auto byte = [&](std::uint32_t bits) { to += static_cast<char>(bits); };
        if (code < 0x80) return byte(code);
        if (code < 0x800) {
            byte(0xc0U | (code >> 6U));
        } else if (code < 0x10000) {
            byte(0xe0U | (code >> 12U));
            byte(0x80U | ((code >> 6U) & 0x3fU));
        } else {
            byte(0xf0U | (code >> 18U));
            byte(0x80U | ((code >> 12U) & 0x3fU));
            byte(0x80U | ((code >> 6U) & 0x3fU));
        }
        byte(0x80U | (code & 0x3fU));
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

void quote(const std::string& text, std::string& to) {
    constexpr std::string_view digits = "0123456789abcdef";
    to += '"';
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (code < 0x20) {
            to += "\\u00";
            to += digits[code / 16U];
            to += digits[code % 16U];
            continue;
        }
        if (c == '"' || c == '\\') to += '\\';
        to += c;
    }
    to += '"';
}

void write(const Json& value, std::string& to) {
    if (const auto* flag = value.as<bool>()) {
        to += *flag ? "true" : "false";
    } else if (const auto* number = value.as<double>()) {
        char digits[32];
        // Whole numbers as people write them, others in the shortest form that comes back.
        const bool whole = std::trunc(*number) == *number && std::abs(*number) < 1e15;
        const auto end = whole ? std::to_chars(digits, digits + sizeof digits,
                                               static_cast<std::int64_t>(*number))
                               : std::to_chars(digits, digits + sizeof digits, *number);
        to.append(digits, end.ptr);
    } else if (const auto* text = value.as<std::string>()) {
        quote(*text, to);
    } else if (const auto* array = value.as<Json::Array>()) {
        to += '[';
        for (std::size_t i = 0; i < array->size(); ++i) {
            if (i > 0) to += ',';
            write((*array)[i], to);
        }
        to += ']';
    } else if (const auto* object = value.as<Json::Object>()) {
        to += '{';
        for (std::size_t i = 0; i < object->size(); ++i) {
            if (i > 0) to += ',';
            quote((*object)[i].first, to);
            to += ':';
            write((*object)[i].second, to);
        }
        to += '}';
    } else {
        to += "null";
    }
}

/// A part of a JSON pointer, with its escapes resolved.
std::string unescaped(std::string_view part) {
    std::string name;
    for (std::size_t i = 0; i < part.size(); ++i) {
        const bool escape = part[i] == '~' && i + 1 < part.size();
        name += escape ? (part[++i] == '1' ? '/' : '~') : part[i];
    }
    return name;
}

}  // namespace

Json Json::parse(std::string_view text) {
    return Parser(text).whole();
}

std::string Json::text() const {
    std::string written;
    write(*this, written);
    return written;
}

const Json* Json::find(std::string_view name) const {
    const auto* members = as<Object>();
    if (members == nullptr) return nullptr;
    const auto found = std::find_if(members->begin(), members->end(),
                                    [&](const Member& member) { return member.first == name; });
    return found == members->end() ? nullptr : &found->second;
}

Json& Json::operator[](const std::string& name) {
    if (isNull()) value_ = Object();
    auto& members = std::get<Object>(value_);
    for (auto& [known, value] : members) {
        if (known == name) return value;
    }
    return members.emplace_back(name, Json()).second;
}

std::string Json::string(std::string_view name, const std::string& fallback) const {
    const Json* member = find(name);
    const auto* text = member == nullptr ? nullptr : member->as<std::string>();
    return text == nullptr ? fallback : *text;
}

bool Json::boolean(std::string_view name, bool fallback) const {
    const Json* member = find(name);
    const auto* flag = member == nullptr ? nullptr : member->as<bool>();
    return flag == nullptr ? fallback : *flag;
}

const Json::Array& Json::list(std::string_view name) const {
    static const Array none;
    const Json* member = find(name);
    const auto* elements = member == nullptr ? nullptr : member->as<Array>();
    return elements == nullptr ? none : *elements;
}

const Json* Json::at(std::string_view pointer) const {
    const Json* here = this;
    while (!pointer.empty() && here != nullptr) {
        if (pointer[0] != '/') return nullptr;
        const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
        const std::string name = unescaped(pointer.substr(1, end - 1));
        pointer.remove_prefix(end);
        if (const auto* elements = here->as<Array>()) {
            std::size_t index = 0;
            const auto read = std::from_chars(name.data(), name.data() + name.size(), index);
            const bool inside = read.ec == std::errc() && index < elements->size();
            here = inside ? &(*elements)[index] : nullptr;
        } else {
            here = here->find(name);
        }
    }
    return here;
}

bool Json::operator==(const Json& other) const {
    const auto* mine = as<Object>();
    const auto* others = other.as<Object>();
    if (mine == nullptr || others == nullptr) return value_ == other.value_;
    if (mine->size() != others->size()) return false;
    return std::all_of(mine->begin(), mine->end(), [&](const Member& member) {
        const Json* found = other.find(member.first);
        return found != nullptr && *found == member.second;
    });
}

std::ostream& operator<<(std::ostream& stream, const Json& json) {
    return stream << json.text();
}

bool isUtf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        std::size_t more = 0;
        std::uint32_t code = lead;
        if (lead >= 0xf0 && lead < 0xf5) {
            more = 3;
            code = lead & 7U;
        } else if (lead >= 0xe0 && lead < 0xf0) {
            more = 2;
            code = lead & 15U;
        } else if (lead >= 0xc2 && lead < 0xe0) {
            more = 1;
            code = lead & 31U;
        } else if (lead >= 0x80) {
            return false;
        }
        if (text.size() - i <= more) return false;
        for (std::size_t k = 1; k <= more; ++k) {
            const auto next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xc0U) != 0x80U) return false;
            code = (code << 6U) | (next & 0x3fU);
        }
        const bool overlong = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
        if (overlong || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
        i += more + 1;
    }
    return true;
}

}  // namespace syncline::conformance
