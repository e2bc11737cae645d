// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace syncline::jose {

/// base64url of RFC 7515 section 2: no padding.
std::string encodeBase64Url(std::string_view bytes);

/// The bytes, or nothing for padding, white space, other alphabets, and for a last character with
/// bits that no byte takes: each text of bytes has one spelling.
std::optional<std::string> decodeBase64Url(std::string_view text);

}  // namespace syncline::jose
