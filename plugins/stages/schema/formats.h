// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace syncline::schema {

/// Whether the text is a `date`, `time` or `date-time` of RFC 3339; any text has any other format.
bool hasFormat(std::string_view text, std::string_view format);

}  // namespace syncline::schema
