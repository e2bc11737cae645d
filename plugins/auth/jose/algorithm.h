// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace syncline::jose {

/// How a token is signed. There is no `none`, and there is one for each kind of key.
enum class Algorithm : std::uint8_t {
    hs256,  ///< HMAC with SHA-256: who can verify can sign
    rs256,  ///< RSASSA-PKCS1-v1_5 with SHA-256
    es256,  ///< ECDSA with P-256 and SHA-256
    es384,  ///< ECDSA with P-384 and SHA-384
    es512,  ///< ECDSA with P-521 and SHA-512
    eddsa,  ///< Ed25519
};

inline constexpr std::array<Algorithm, 6> kAlgorithms = {Algorithm::hs256, Algorithm::rs256,
                                                         Algorithm::es256, Algorithm::es384,
                                                         Algorithm::es512, Algorithm::eddsa};

/// The name in a header, e.g. "ES256".
std::string_view toText(Algorithm algorithm);

/// The one of exactly that name: case matters.
std::optional<Algorithm> algorithmOf(std::string_view name);

}  // namespace syncline::jose
