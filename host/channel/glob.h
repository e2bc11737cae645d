// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace syncline::channel {

/// Whether `pattern`, in which `*` stands for any run of bytes, matches the whole text. An empty
/// pattern matches all. Time is linear in the product of both lengths, however many stars.
bool globMatches(std::string_view pattern, std::string_view text);

}  // namespace syncline::channel
