// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rapidjson/document.h>

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace syncline::jose {

/// How deep arrays and objects of a token or a key may stand in each other.
inline constexpr unsigned kDepthMax = 16;

/// One JSON object. Refused are also: a member twice in one object (RFC 7515 section 4 leaves the
/// choice, and two readers that choose differently are an attack), text that is not UTF-8, depth
/// beyond kDepthMax. The error says what is wrong, in words for a log.
tl::expected<rapidjson::Document, std::string> parseObject(std::string_view text);

/// The member, or null.
const rapidjson::Value* find(const rapidjson::Value& object, std::string_view name);

/// The member if it is a string.
std::optional<std::string_view> findText(const rapidjson::Value& object, std::string_view name);

inline std::string_view textOf(const rapidjson::Value& text) {
    return {text.GetString(), text.GetStringLength()};
}

/// The value as JSON.
std::string toJson(const rapidjson::Value& value);

/// What somebody else wrote, as it may stand in a log: in quotes, short, printable.
std::string forLog(std::string_view text);

}  // namespace syncline::jose
