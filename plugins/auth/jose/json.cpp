// SPDX-License-Identifier: Apache-2.0
#include "json.h"

#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <vector>

namespace syncline::jose {

namespace {

/// No recursion and no extension of JSON: what an attacker sends is parsed. Not with full
/// precision, which counts the leading zeros of a zero (`0e66`): that is undefined.
constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;

std::string faultOf(const rapidjson::Value& value, unsigned depth);

/// RapidJSON writes the lower half of a surrogate pair, escaped without its upper one, as the three
/// bytes that UTF-8 has no use for.
bool hasHalfPair(std::string_view text) {
    for (std::size_t i = text.find('\xed'); i < text.size(); i = text.find('\xed', i + 1)) {
        if (i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) >= 0xa0) return true;
    }
    return false;
}
constexpr const char* kHalfPair = "it is not JSON: half of a surrogate pair";

std::string faultOfMembers(const rapidjson::Value& object, unsigned depth) {
    std::vector<std::string_view> names;
    names.reserve(object.MemberCount());
    for (const auto& member : object.GetObject()) {
        names.push_back(textOf(member.name));
        if (hasHalfPair(names.back())) return kHalfPair;
        if (std::string fault = faultOf(member.value, depth + 1); !fault.empty()) return fault;
    }
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    return twice == names.end() ? "" : "the member " + forLog(*twice) + " is there twice";
}

/// What is wrong with a value that is well-formed, or nothing.
std::string faultOf(const rapidjson::Value& value, unsigned depth) {
    if (value.IsString() && hasHalfPair(textOf(value))) return kHalfPair;
    if (!value.IsObject() && !value.IsArray()) return "";
    if (depth > kDepthMax) return "it is nested too deep";
    if (value.IsObject()) return faultOfMembers(value, depth);
    for (const auto& element : value.GetArray()) {
        if (std::string fault = faultOf(element, depth + 1); !fault.empty()) return fault;
    }
    return "";
}

}  // namespace

tl::expected<rapidjson::Document, std::string> parseObject(std::string_view text) {
    // RapidJSON takes a NUL for the end and skips a byte order mark; JSON has neither.
    if (text.find('\0') != std::string_view::npos || text.substr(0, 3) == "\xef\xbb\xbf") {
        return tl::unexpected<std::string>("it is not JSON: a byte that no JSON has");
    }
    rapidjson::Document parsed;
    parsed.Parse<kFlags>(text.data(), text.size());
    if (parsed.HasParseError()) {
        return tl::unexpected<std::string>(
            "it is not JSON: " + std::string(rapidjson::GetParseError_En(parsed.GetParseError())) +
            " (at byte " + std::to_string(parsed.GetErrorOffset()) + ")");
    }
    if (!parsed.IsObject()) return tl::unexpected<std::string>("it is no JSON object");
    if (std::string fault = faultOf(parsed, 1); !fault.empty()) {
        return tl::unexpected<std::string>(std::move(fault));
    }
    return parsed;
}

const rapidjson::Value* find(const rapidjson::Value& object, std::string_view name) {
    if (!object.IsObject()) return nullptr;
    const auto found = object.FindMember(rapidjson::Value(rapidjson::StringRef(
        name.data() == nullptr ? "" : name.data(), static_cast<rapidjson::SizeType>(name.size()))));
    return found == object.MemberEnd() ? nullptr : &found->value;
}

std::optional<std::string_view> findText(const rapidjson::Value& object, std::string_view name) {
    const rapidjson::Value* found = find(object, name);
    if (found == nullptr || !found->IsString()) return std::nullopt;
    return textOf(*found);
}

std::string toJson(const rapidjson::Value& value) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    value.Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
}

std::string forLog(std::string_view text) {
    constexpr std::size_t shownMax = 80;
    std::string shown = "'";
    for (const char c : text.substr(0, shownMax)) {
        shown += c >= ' ' && c <= '~' && c != '\'' ? c : '?';
    }
    return shown + (text.size() > shownMax ? "…'" : "'");
}

}  // namespace syncline::jose
