// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <optional>
#include <string_view>

#include "algorithm.h"

namespace syncline::jose {

/// A curve of ECDSA. It decides the algorithm of its keys, and the digest with it (RFC 7518
/// section 3.4): no header has a say.
struct Curve {
    Algorithm algorithm;
    const char* name;   ///< the same in a JWK and to OpenSSL
    std::size_t bytes;  ///< of a coordinate, of a private key, and of half a signature
    const EVP_MD* (*digest)();
};

/// The curve of that name; null when keys on it are not taken.
const Curve* curveNamed(std::optional<std::string_view> name);

/// The curve of an algorithm; null for one that is not ECDSA.
const Curve* curveOf(Algorithm algorithm);

}  // namespace syncline::jose
