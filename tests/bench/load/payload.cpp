// SPDX-License-Identifier: Apache-2.0
#include "load/payload.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace syncline::bench {

std::string stamped(std::uint64_t number, std::size_t bytes) {
    std::string text(std::max<std::size_t>(bytes, 20), 'x');
    text[0] = '@';
    for (std::size_t i = 19; i >= 1; --i) {
        text[i] = static_cast<char>('0' + number % 10);
        number /= 10;
    }
    return text;
}

std::uint64_t stampIn(std::string_view message) {
    const std::size_t at = message.find('@');
    std::uint64_t number = 0;
    if (at == std::string_view::npos || message.size() < at + 20) {
        throw std::runtime_error("a delivery without a stamp: " + std::string(message));
    }
    std::from_chars(message.data() + at + 1, message.data() + at + 20, number);
    return number;
}

}  // namespace syncline::bench
