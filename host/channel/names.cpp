// SPDX-License-Identifier: Apache-2.0
#include "channel/names.h"

#include <algorithm>
#include <string>

#include "json/utf8.h"

namespace syncline::channel {

namespace {

constexpr std::size_t kNameBytesMax = 255;

bool hasControl(std::string_view name) {
    // U+0080 to U+009F are control characters too: in UTF-8 a C2 byte and one of 80 to 9F.
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto byte = static_cast<unsigned char>(name[i]);
        if (byte < 0x20 || byte == 0x7f) return true;
        if (byte == 0xc2 && i + 1 < name.size() && static_cast<unsigned char>(name[i + 1]) < 0xa0)
            return true;
    }
    return false;
}

tl::unexpected<core::Error> badName(std::string_view what, std::string_view why) {
    return core::fail(core::Code::badName, std::string(what) + " " + std::string(why));
}

}  // namespace

core::Result<void> checkName(std::string_view what, std::string_view name) {
    if (name.empty()) return badName(what, "is empty");
    if (name.size() > kNameBytesMax) return badName(what, "is longer than 255 bytes");
    if (name.front() == '$') return badName(what, "starts with '$', which is reserved");
    if (hasControl(name)) return badName(what, "has a control character");
    if (!json::isUtf8(name)) return badName(what, "is not UTF-8");
    return {};
}

}  // namespace syncline::channel
