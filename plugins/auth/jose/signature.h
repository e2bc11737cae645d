// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>

#include <optional>
#include <string>
#include <string_view>

#include "algorithm.h"

/// What OpenSSL does, in the forms of RFC 7518 and RFC 8037. Nothing is left in the thread's error
/// queue, where the next user of OpenSSL would find it.
namespace syncline::jose {

/// HMAC with SHA-256: 32 bytes; nothing when OpenSSL fails.
std::optional<std::string> hmacSha256(std::string_view secret, std::string_view text);

/// Whether `signature` is the key's for `text`. The key fits the algorithm, which is not HS256.
bool verifySignature(Algorithm algorithm, EVP_PKEY* key, std::string_view text,
                     std::string_view signature);

/// The signature of a private key; nothing when OpenSSL fails.
std::optional<std::string> makeSignature(Algorithm algorithm, EVP_PKEY* key, std::string_view text);

}  // namespace syncline::jose
