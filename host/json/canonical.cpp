// SPDX-License-Identifier: Apache-2.0
#include "json/canonical.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "json/write.h"

namespace syncline::json {

namespace {

// A first byte of UTF-8 where its character stands in UTF-16: those beyond U+FFFF, as surrogates,
// stand in front of U+E000 to U+FFFF.
unsigned placeOf(char byte) {
    const auto first = static_cast<unsigned char>(byte);
    if (first >= 0xf0) return first - 2U;
    return first >= 0xee ? first + 8U : first;
}

// ECMA-262, Number::toString: the fewest digits that tell the number, and where its point stands.
void writeNumberAsEcmaScript(double number, std::string& out) {
    if (!std::isfinite(number)) {
        out += "null";
        return;
    }
    if (number == 0) {
        out += '0';
        return;
    }
    std::array<char, 40> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), std::abs(number),
                                   std::chars_format::scientific);
    const std::string_view shortest(text.data(), static_cast<std::size_t>(end.ptr - text.data()));
    const std::size_t e = shortest.find('e');
    std::string digits(shortest.substr(0, 1));
    if (e > 2) digits += shortest.substr(2, e - 2);
    const bool isSmall = shortest[e + 1] == '-';
    int exponent = 0;
    std::from_chars(shortest.data() + e + 2, end.ptr, exponent);
    const int point = (isSmall ? -exponent : exponent) + 1;
    const int count = static_cast<int>(digits.size());
    if (number < 0) out += '-';
    if (point >= count && point <= 21) {
        out.append(digits).append(static_cast<std::size_t>(point - count), '0');
    } else if (point > 0 && point <= 21) {
        out.append(digits, 0, static_cast<std::size_t>(point)).append(1, '.');
        out.append(digits, static_cast<std::size_t>(point));
    } else if (point > -6 && point <= 0) {
        out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
    } else {
        out += digits.front();
        if (count > 1) out.append(1, '.').append(digits, 1);
        out += point > 0 ? "e+" : "e-";
        out += std::to_string(std::abs(point - 1));
    }
}

void writeMembers(const Value& object, std::string& out) {
    std::vector<const Member*> members;
    members.reserve(object.size());
    for (const Member& member : object.members()) members.push_back(&member);
    std::ranges::sort(
        members, [](const Member* a, const Member* b) { return comesBefore(a->key(), b->key()); });
    out += '{';
    for (const Member* member : members) {
        if (member != members.front()) out += ',';
        writeString(member->key(), out);
        out += ':';
        writeJcs(member->value, out);
    }
    out += '}';
}

}  // namespace

bool comesBefore(std::string_view a, std::string_view b) {
    const auto [left, right] = std::ranges::mismatch(a, b);
    if (left == a.end() || right == b.end()) return left == a.end() && right != b.end();
    return placeOf(*left) < placeOf(*right);
}

void writeJcs(const Value& value, std::string& out) {
    if (value.isObject()) {
        writeMembers(value, out);
    } else if (value.isArray()) {
        out += '[';
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (i != 0) out += ',';
            writeJcs(value[i], out);
        }
        out += ']';
    } else if (value.isNumber()) {
        writeNumberAsEcmaScript(value.asNumber(), out);
    } else {
        write(value, out);
    }
}

}  // namespace syncline::json
