// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace syncline::schema {

/// Whether the whole name fits the pattern, in which `*` stands for any run of bytes.
bool fitsName(std::string_view pattern, std::string_view name);

}  // namespace syncline::schema
