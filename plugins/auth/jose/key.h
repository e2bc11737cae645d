// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>
#include <rapidjson/document.h>

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "algorithm.h"

namespace syncline::jose {

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using OpenSslKey = std::unique_ptr<EVP_PKEY, FreeKey>;

/// A key with the one algorithm that it is good for, so that no header can have it used for
/// another. Immutable: verifying and signing are for any number of threads.
class Key {
public:
    /// The fewest bytes of an HS256 secret (RFC 7518 section 3.2), and the most.
    static constexpr std::size_t kSecretMin = 32;
    static constexpr std::size_t kSecretMax = 1'024;
    /// Of an RSA modulus: fewer can be factored, more take long.
    static constexpr int kRsaBitsMin = 2'048;
    static constexpr int kRsaBitsMax = 8'192;

    /// From a JWK (RFC 7517, 8037). The error is in words for a log and shows nothing secret.
    static tl::expected<Key, std::string> fromJwk(const rapidjson::Value& jwk);

    /// An HS256 key. `id` may be empty: none.
    static tl::expected<Key, std::string> fromSecret(std::string secret, std::string id);

    /// A new one, by OpenSSL's random numbers.
    static tl::expected<Key, std::string> generate(Algorithm algorithm, std::string id);

    /// From what OpenSSL holds already; it fits the algorithm.
    Key(Algorithm algorithm, std::string id, OpenSslKey key, bool isPrivate);

    const std::string& id() const { return id_; }  ///< empty: none
    Algorithm algorithm() const { return algorithm_; }
    bool canSign() const { return canSign_; }

    /// Whether `signature` (in the form of RFC 7515) is this key's for `text`.
    bool verify(std::string_view text, std::string_view signature) const;

    /// The caller has checked canSign().
    tl::expected<std::string, std::string> sign(std::string_view text) const;

    /// As a JWK, with or without what is secret. An HS256 key is secret as a whole, and so has no
    /// public form: an empty text.
    std::string toJwk(bool withPrivate) const;

private:
    Key(std::string secret, std::string id);

    Algorithm algorithm_;
    std::string id_;
    std::string secret_;             ///< of HS256
    std::shared_ptr<EVP_PKEY> key_;  ///< of all others; shared: a key may stand in several sets
    bool canSign_ = false;
};

}  // namespace syncline::jose
