// SPDX-License-Identifier: Apache-2.0
#include "token.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base64url.h"
#include "json.h"

namespace syncline::jose {

namespace {

using Fault = tl::unexpected<std::string>;

constexpr std::size_t kIdMax = 255;
constexpr std::size_t kTypeMax = 64;

using Parts = std::array<std::string_view, 3>;

tl::expected<Parts, std::string> split(std::string_view text) {
    const auto count = static_cast<std::size_t>(std::count(text.begin(), text.end(), '.')) + 1;
    Parts parts;
    if (count != parts.size()) {
        return Fault("a signed token has three parts, this has " + std::to_string(count));
    }
    for (std::string_view& part : parts) {
        const std::size_t dot = std::min(text.find('.'), text.size());
        part = text.substr(0, dot);
        text.remove_prefix(std::min(dot + 1, text.size()));
    }
    if (parts[0].empty() || parts[1].empty()) return Fault("its header or its claims are missing");
    if (parts[2].empty()) return Fault("its signature is missing");
    return parts;
}

tl::expected<rapidjson::Document, std::string> objectOf(std::string_view part, const char* what) {
    const auto text = decodeBase64Url(part);
    if (!text) return Fault(std::string(what) + ": it is no base64url");
    auto object = parseObject(*text);
    if (!object) return Fault(std::string(what) + ": " + object.error());
    return object;
}

/// A member that must be a text if it is there. False: it is there and it is none.
bool takeText(const rapidjson::Value& header, std::string_view name, std::size_t bytesMax,
              std::optional<std::string>& into) {
    const rapidjson::Value* found = find(header, name);
    if (found == nullptr) return true;
    if (!found->IsString() || found->GetStringLength() > bytesMax) return false;
    into = textOf(*found);
    return true;
}

bool isNested(const rapidjson::Value& header) {
    const auto content = findText(header, "cty");
    if (!content) return header.HasMember("cty");
    std::string upper(*content);
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return upper == "JWT" || upper == "APPLICATION/JWT";
}

/// Why a header is not taken, or nothing.
std::string readHeader(const rapidjson::Value& header, Token& token) {
    const rapidjson::Value* name = find(header, "alg");
    if (name == nullptr) return "the header has no 'alg'";
    if (!name->IsString()) return "the header's 'alg' is no text";
    const auto algorithm = algorithmOf(textOf(*name));
    if (!algorithm) return "the algorithm " + forLog(textOf(*name)) + " is not taken";
    token.algorithm = *algorithm;
    if (header.HasMember("crit")) return "the header has 'crit', and no extension is understood";
    if (header.HasMember("b64")) return "the header has 'b64', which is not understood";
    if (isNested(header)) return "a token within a token is not taken";
    if (!takeText(header, "kid", kIdMax, token.keyId)) {
        return "the header's 'kid' is no text of at most 255 bytes";
    }
    if (!takeText(header, "typ", kTypeMax, token.type)) {
        return "the header's 'typ' is no text of at most 64 bytes";
    }
    return {};
}

std::string textValue(std::string_view text) {
    return toJson(rapidjson::Value(
        rapidjson::StringRef(text.data(), static_cast<rapidjson::SizeType>(text.size()))));
}

}  // namespace

bool looksLikeToken(std::string_view text) {
    // "eyJ" is {" with whatever follows, which no key of another kind begins with.
    return std::count(text.begin(), text.end(), '.') >= 2 || text.substr(0, 3) == "eyJ";
}

tl::expected<Token, std::string> parseToken(std::string_view text, std::size_t bytesMax) {
    if (text.size() > bytesMax) {
        return Fault("it has " + std::to_string(text.size()) + " bytes, at most " +
                     std::to_string(bytesMax) + " are taken");
    }
    const auto parts = split(text);
    if (!parts) return Fault(parts.error());
    const auto [header, claims, signature] = *parts;
    const auto headerObject = objectOf(header, "the header");
    if (!headerObject) return Fault(headerObject.error());
    Token token;
    if (std::string fault = readHeader(*headerObject, token); !fault.empty()) {
        return Fault(std::move(fault));
    }
    auto signatureBytes = decodeBase64Url(signature);
    if (!signatureBytes) return Fault("the signature: it is no base64url");
    token.signature = std::move(*signatureBytes);
    auto claimsObject = objectOf(claims, "the claims");
    if (!claimsObject) return Fault(claimsObject.error());
    token.claims = std::move(*claimsObject);
    token.signedText = text.substr(0, header.size() + 1 + claims.size());
    return token;
}

tl::expected<std::string, std::string> makeToken(const Key& key, std::string_view claims,
                                                 std::string_view type) {
    std::string header = R"({"alg":")" + std::string(toText(key.algorithm())) + "\"";
    if (!type.empty()) header += ",\"typ\":" + textValue(type);
    if (!key.id().empty()) header += ",\"kid\":" + textValue(key.id());
    header += "}";
    std::string token = encodeBase64Url(header) + "." + encodeBase64Url(claims);
    auto signature = key.sign(token);
    if (!signature) return Fault(signature.error());
    return token + "." + encodeBase64Url(*signature);
}

}  // namespace syncline::jose
