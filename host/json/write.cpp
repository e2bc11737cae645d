// SPDX-License-Identifier: Apache-2.0
#include "json/write.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace syncline::json {

namespace {

constexpr double kIntegersEnd = 9'007'199'254'740'992.0;  // 2^53

// 0: stands for itself; 'u': as \u00XX; else the letter behind the backslash.
constexpr std::array<char, 256> kEscapes = [] {
    std::array<char, 256> escapes{};
    for (std::size_t i = 0; i < 0x20; ++i) escapes[i] = 'u';
    escapes['\b'] = 'b';
    escapes['\t'] = 't';
    escapes['\n'] = 'n';
    escapes['\f'] = 'f';
    escapes['\r'] = 'r';
    escapes['"'] = '"';
    escapes['\\'] = '\\';
    return escapes;
}();

/// How many of the first characters stand for themselves.
std::size_t plainPrefix(std::string_view text) {
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    constexpr std::uint64_t kTops = 0x8080808080808080;
    // Marks the top bit of the first byte that is zero, and of none before it.
    const auto zeroBytes = [](std::uint64_t word) { return (word - kOnes) & ~word & kTops; };
    std::size_t at = 0;
    for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t word;
        std::memcpy(&word, text.data() + at, sizeof(word));
        const std::uint64_t controls = (word - kOnes * 0x20) & ~word & kTops;
        if ((controls | zeroBytes(word ^ (kOnes * '"')) | zeroBytes(word ^ (kOnes * '\\'))) != 0)
            break;
    }
    while (at < text.size() && kEscapes[static_cast<unsigned char>(text[at])] == 0) ++at;
    return at;
}

/// The end of a string that is being written, with room behind it: each piece costs a bound check
/// and a copy. The string has its true size again when this is destroyed.
class Tail {
public:
    explicit Tail(std::string& out) : out_(out), size_(out.size()) {}
    ~Tail() { out_.resize(size_); }
    Tail(const Tail&) = delete;
    Tail& operator=(const Tail&) = delete;

    void put(char character) {
        *room(1) = character;
        ++size_;
    }
    void put(std::string_view text) {
        text.copy(room(text.size()), text.size());
        size_ += text.size();
    }

    /// Space for `count` characters; put() or commit() makes them part of the text.
    char* room(std::size_t count) {
        if (out_.size() - size_ < count) out_.resize(size_ + count + kSpare);
        return out_.data() + size_;
    }
    void commit(std::size_t count) { size_ += count; }

private:
    static constexpr std::size_t kSpare = 64;

    std::string& out_;
    std::size_t size_;
};

void putEscape(unsigned char character, char escape, Tail& tail) {
    constexpr char kDigits[] = "0123456789abcdef";
    tail.put('\\');
    tail.put(escape);
    if (escape != 'u') return;
    tail.put("00");
    tail.put(kDigits[character >> 4]);
    tail.put(kDigits[character & 15]);
}

void putString(std::string_view text, Tail& tail) {
    tail.put('"');
    for (std::size_t plain = plainPrefix(text);; plain = plainPrefix(text)) {
        tail.put(text.substr(0, plain));
        if (plain == text.size()) break;
        const auto character = static_cast<unsigned char>(text[plain]);
        putEscape(character, kEscapes[character], tail);
        text.remove_prefix(plain + 1);
    }
    tail.put('"');
}

constexpr std::size_t kNumberBytesMax = 32;

// Answers the size.
std::size_t printNumber(double number, char* start) {
    char* const end = start + kNumberBytesMax;
    std::to_chars_result written;
    if (!std::isfinite(number)) {
        written.ptr = std::ranges::copy(std::string_view("null"), start).out;
    } else if (std::abs(number) >= kIntegersEnd) {
        written = std::to_chars(start, end, number, std::chars_format::scientific);
    } else if (number == std::trunc(number)) {
        // Also makes 0 of -0, which equals it.
        written = std::to_chars(start, end, static_cast<std::int64_t>(number));
    } else {
        written = std::to_chars(start, end, number);
    }
    return static_cast<std::size_t>(written.ptr - start);
}

void putNumber(double number, Tail& tail) {
    tail.commit(printNumber(number, tail.room(kNumberBytesMax)));
}

/// Writes members in their own order.
struct AsAdded {
    template <class WriteMember>
    static void forEachMember(const Value& object, const WriteMember& writeMember) {
        for (const Member& member : object.members()) writeMember(member);
    }
};

/// Writes members in the order of their keys' bytes.
struct Sorted {
    template <class WriteMember>
    static void forEachMember(const Value& object, const WriteMember& writeMember) {
        std::vector<const Member*> members;
        members.reserve(object.size());
        for (const Member& member : object.members()) members.push_back(&member);
        std::ranges::sort(members, {}, &Member::key);
        for (const Member* member : members) writeMember(*member);
    }
};

template <class Order>
void putValue(const Value& value, Tail& tail) {
    switch (value.type()) {
        case Value::Type::null:
            return tail.put("null");
        case Value::Type::boolean:
            return tail.put(value.asBool() ? "true" : "false");
        case Value::Type::number:
            return putNumber(value.asNumber(), tail);
        case Value::Type::string:
            return putString(value.asString(), tail);
        case Value::Type::array: {
            char before = '[';
            for (const Value& element : value.elements()) {
                tail.put(std::exchange(before, ','));
                putValue<Order>(element, tail);
            }
            return tail.put(before == '[' ? "[]" : "]");
        }
        case Value::Type::object: {
            char before = '{';
            Order::forEachMember(value, [&](const Member& member) {
                tail.put(std::exchange(before, ','));
                putString(member.key(), tail);
                tail.put(':');
                putValue<Order>(member.value, tail);
            });
            return tail.put(before == '{' ? "{}" : "}");
        }
    }
}

}  // namespace

void write(const Value& value, std::string& out) {
    // A tail takes more room than most of these need.
    if (value.isString()) return writeString(value.asString(), out);
    if (value.isNumber()) return writeNumber(value.asNumber(), out);
    Tail tail(out);
    putValue<AsAdded>(value, tail);
}

void writeCanonical(const Value& value, std::string& out) {
    Tail tail(out);
    putValue<Sorted>(value, tail);
}

std::string toText(const Value& value) {
    std::string text;
    write(value, text);
    return text;
}

void writeString(std::string_view text, std::string& out) {
    if (plainPrefix(text) != text.size()) {
        Tail tail(out);
        putString(text, tail);
        return;
    }
    // Nearly all are plain: no more room is taken than they need.
    out += '"';
    out += text;
    out += '"';
}

void writeNumber(double number, std::string& out) {
    std::array<char, kNumberBytesMax> text;
    out.append(text.data(), printNumber(number, text.data()));
}

}  // namespace syncline::json
