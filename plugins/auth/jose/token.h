// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rapidjson/document.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "key.h"

namespace syncline::jose {

/// A signed token (compact JWS, RFC 7515) taken apart; nothing in it is proven yet.
struct Token {
    Algorithm algorithm = Algorithm::es256;
    std::optional<std::string> keyId;
    std::optional<std::string> type;  ///< `typ`
    std::string_view signedText;      ///< of the token's own text, which must outlive this
    std::string signature;
    rapidjson::Document claims;
};

/// Whether this was meant to be a token, so that somebody who takes tokens has to say what is
/// wrong with it: three parts, or more, or a first part that can only be a JSON object's.
bool looksLikeToken(std::string_view text);

/// Takes apart three parts of strict base64url; header and claims are JSON objects with distinct
/// members. A header is refused that asks for what is not understood: another `alg`, `crit`,
/// `b64`, a token within the token. What it says about where keys are (`jwk`, `jku`, `x5c`, `x5u`)
/// is not looked at. The error is in words for a log.
tl::expected<Token, std::string> parseToken(std::string_view text, std::size_t bytesMax);

/// A token of these claims, a JSON object's text. The key can sign.
tl::expected<std::string, std::string> makeToken(const Key& key, std::string_view claims,
                                                 std::string_view type = "JWT");

}  // namespace syncline::jose
