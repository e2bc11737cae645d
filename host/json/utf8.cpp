// SPDX-License-Identifier: Apache-2.0
#include "json/utf8.h"

#include <simdjson.h>

#include <algorithm>

namespace syncline::json {

bool isUtf8(std::string_view text) {
    return simdjson::validate_utf8(text.data(), text.size());
}

std::size_t invalidUtf8At(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto lead = static_cast<unsigned char>(text[at]);
        // What the lead byte promises; a byte that cannot lead fails at any length.
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        const std::string_view character = text.substr(at, length);
        if (length > 1 && !isUtf8(character)) return at;
        at += character.size();
    }
    return text.size();
}

}  // namespace syncline::json
