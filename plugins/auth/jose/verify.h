// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "key_set.h"
#include "token.h"

namespace syncline::jose {

/// What a token must be to count.
struct Rules {
    std::string issuer;                  ///< its `iss`
    std::vector<std::string> audiences;  ///< one of them in its `aud`; none here: it has no `aud`
    std::vector<Algorithm> algorithms;   ///< others are refused, whatever keys there are
    std::string type;                    ///< its `typ`; empty: none, "JWT" or "at+jwt"
    std::int64_t leewayMs = 0;           ///< for clocks that do not agree
    std::int64_t lifetimeMsMax = 0;      ///< from `iat` to `exp`; 0: any, and `iat` may be absent
    std::size_t bytesMax = 8'192;
};

/// Why a token does not count, in words for a log: it quotes the token, and shows nothing secret.
struct Refusal {
    enum class Kind {
        invalid,
        expired,     ///< it was good, and is over
        foreign,     ///< another issuer's: somebody else may know it
        unknownKey,  ///< as invalid; newer keys may have the one that it names
    };
    Kind kind = Kind::invalid;
    std::string reason;
};

/// A token that counts.
struct Verified {
    rapidjson::Document claims;
    std::int64_t expiresAtMs = 0;  ///< Unix time, with the leeway: from then on it does not count
};

/// Holds a token against keys and rules: its form first, then its issuer, its signature, its times
/// and its audience. Times are Unix time in milliseconds.
tl::expected<Verified, Refusal> verify(std::string_view token, const KeySet& keys,
                                       const Rules& rules, std::int64_t nowMs);

}  // namespace syncline::jose
