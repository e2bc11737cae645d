// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <charconv>
#include <concepts>
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

template <std::integral Number>
void appendDigits(std::string& out, Number number) {
    std::array<char, 24> digits;
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out.append(digits.data(), written.ptr);
}

inline void appendMember(std::string& out, std::string_view name, std::string_view text) {
    appendName(out, name);
    json::writeString(text, out);
}

template <std::integral Number>
    requires(!std::same_as<Number, bool>)
void appendMember(std::string& out, std::string_view name, Number number) {
    appendName(out, name);
    appendDigits(out, number);
}

template <std::same_as<bool> Bool>
void appendMember(std::string& out, std::string_view name, Bool boolean) {
    appendName(out, name);
    out += boolean ? "true" : "false";
}

/// A value that is JSON text already.
inline void appendRawMember(std::string& out, std::string_view name, std::string_view json) {
    appendName(out, name);
    out += json;
}

template <std::same_as<json::Value> Value>
void appendMember(std::string& out, std::string_view name, const Value& value) {
    appendName(out, name);
    json::write(value, out);
}

/// As `sum` stands on the wire.
inline void appendSum(std::string& out, std::uint64_t sum) {
    appendName(out, "sum");
    out += '"';
    out += core::toHex16(sum);
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
