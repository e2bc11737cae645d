// SPDX-License-Identifier: Apache-2.0
#include "key.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include <utility>

#include "curve.h"
#include "signature.h"

namespace syncline::jose {

Key::Key(std::string secret, std::string id)
    : algorithm_(Algorithm::hs256),
      id_(std::move(id)),
      secret_(std::move(secret)),
      canSign_(true) {}

Key::Key(Algorithm algorithm, std::string id, OpenSslKey key, bool isPrivate)
    : algorithm_(algorithm), id_(std::move(id)), key_(std::move(key)), canSign_(isPrivate) {}

tl::expected<Key, std::string> Key::fromSecret(std::string secret, std::string id) {
    if (secret.size() < kSecretMin) {
        return tl::unexpected<std::string>("a secret needs at least " + std::to_string(kSecretMin) +
                                           " bytes, this one has " + std::to_string(secret.size()));
    }
    if (secret.size() > kSecretMax) {
        return tl::unexpected<std::string>("a secret has at most " + std::to_string(kSecretMax) +
                                           " bytes");
    }
    return Key(std::move(secret), std::move(id));
}

tl::expected<Key, std::string> Key::generate(Algorithm algorithm, std::string id) {
    if (algorithm == Algorithm::hs256) {
        std::string secret(kSecretMin, '\0');
        auto* bytes = reinterpret_cast<unsigned char*>(secret.data());
        if (RAND_bytes(bytes, static_cast<int>(secret.size())) != 1) {
            return tl::unexpected<std::string>("OpenSSL gives no random numbers");
        }
        return Key(std::move(secret), std::move(id));
    }
    OpenSslKey made;
    if (algorithm == Algorithm::rs256) {
        made.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{kRsaBitsMin}));
    } else if (const Curve* curve = curveOf(algorithm)) {
        made.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve->name));
    } else {
        made.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    }
    ERR_clear_error();
    if (!made) return tl::unexpected<std::string>("OpenSSL makes no such key");
    return Key(algorithm, std::move(id), std::move(made), true);
}

bool Key::verify(std::string_view text, std::string_view signature) const {
    if (algorithm_ != Algorithm::hs256) {
        return verifySignature(algorithm_, key_.get(), text, signature);
    }
    const auto expected = hmacSha256(secret_, text);
    // The time that it takes must not tell how many bytes of a guess were right.
    return expected && expected->size() == signature.size() &&
           CRYPTO_memcmp(expected->data(), signature.data(), signature.size()) == 0;
}

tl::expected<std::string, std::string> Key::sign(std::string_view text) const {
    auto made = algorithm_ == Algorithm::hs256 ? hmacSha256(secret_, text)
                                               : makeSignature(algorithm_, key_.get(), text);
    if (!made) return tl::unexpected<std::string>("OpenSSL does not sign with this key");
    return std::move(*made);
}

}  // namespace syncline::jose
