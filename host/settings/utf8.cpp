// SPDX-License-Identifier: Apache-2.0
#include "settings/utf8.h"

#include "json/utf8.h"

namespace syncline::settings {

namespace {

void appendPrintable(std::string_view wellFormed, std::string& shown) {
    for (const char byte : wellFormed) {
        const auto value = static_cast<unsigned char>(byte);
        if (byte == '\t' || byte == '\n') {
            shown += ' ';
        } else if (value < 0x20 || value == 0x7f) {
            shown += "\uFFFD";
        } else {
            shown += byte;
        }
    }
}

}  // namespace

std::string printable(std::string_view text) {
    std::string shown;
    while (true) {
        const auto bad = json::invalidUtf8At(text);
        appendPrintable(text.substr(0, bad), shown);
        if (bad >= text.size()) return shown;
        shown += "\uFFFD";
        text.remove_prefix(bad + 1);
    }
}

}  // namespace syncline::settings
