// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "json/write.h"

namespace syncline::channel {

// Members of JSON objects, appended as text: what goes to every client is written once, straight
// into the bytes that are sent. `name` needs no escaping.

inline void appendName(std::string& out, std::string_view name) {
    if (!out.empty() && out.back() != '{') out += ',';
    out += '"';
    out += name;
    out += "\":";
}

/// The same for a literal, in one piece.
template <std::size_t Size>
void appendName(std::string& out, const char (&name)[Size]) {
    constexpr std::size_t kLength = Size - 1;
    std::array<char, kLength + 4> piece;
    piece[0] = ',';
    piece[1] = '"';
    std::memcpy(piece.data() + 2, name, kLength);
    piece[kLength + 2] = '"';
    piece[kLength + 3] = ':';
    const bool isFirst = out.empty() || out.back() == '{';
    out.append(piece.data() + isFirst, piece.size() - isFirst);
}

template <std::integral Number>
void appendDigits(std::string& out, Number number) {
    std::array<char, 24> digits;
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out.append(digits.data(), written.ptr);
}

inline void appendValue(std::string& out, std::string_view text) {
    json::writeString(text, out);
}

template <std::integral Number>
    requires(!std::same_as<Number, bool>)
void appendValue(std::string& out, Number number) {
    appendDigits(out, number);
}

template <std::same_as<bool> Bool>
void appendValue(std::string& out, Bool boolean) {
    out += boolean ? "true" : "false";
}

template <std::same_as<json::Value> Value>
void appendValue(std::string& out, const Value& value) {
    json::write(value, out);
}

/// `name`: a literal, or a view.
template <class Name, class Content>
void appendMember(std::string& out, const Name& name, const Content& content) {
    appendName(out, name);
    appendValue(out, content);
}

/// A value that is JSON text already.
template <class Name>
void appendRawMember(std::string& out, const Name& name, std::string_view json) {
    appendName(out, name);
    out += json;
}

/// As `sum` stands on the wire.
inline void appendSum(std::string& out, std::uint64_t sum) {
    appendName(out, "sum");
    out += '"';
    core::appendHex16(out, sum);
    out += '"';
}

/// Opens an object with its type and channel; `quotedChannel` is JSON text.
inline void openMessage(std::string& out, std::string_view type, std::string_view quotedChannel) {
    out += '{';
    appendMember(out, "type", type);
    appendRawMember(out, "channel", quotedChannel);
}

inline std::string quoted(std::string_view text) {
    std::string out;
    json::writeString(text, out);
    return out;
}

}  // namespace syncline::channel
