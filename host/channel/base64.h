// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace syncline::channel {

/// RFC 4648, section 4, with padding.
std::string toBase64(std::string_view bytes);

/// Empty for anything that toBase64() does not write.
std::optional<std::string> fromBase64(std::string_view text);

}  // namespace syncline::channel
