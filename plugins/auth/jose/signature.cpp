// SPDX-License-Identifier: Apache-2.0
#include "signature.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/hmac.h>

#include <array>
#include <memory>

#include "curve.h"

namespace syncline::jose {

namespace {

constexpr std::size_t kEdSignature = 64;

template <auto free>
struct Free {
    template <class T>
    void operator()(T* object) const {
        free(object);
    }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;
using BigNumber = std::unique_ptr<BIGNUM, Free<BN_free>>;

/// Empties the thread's error queue when it goes.
struct NoErrorsLeft {
    NoErrorsLeft() = default;
    NoErrorsLeft(const NoErrorsLeft&) = delete;
    NoErrorsLeft& operator=(const NoErrorsLeft&) = delete;
    ~NoErrorsLeft() { ERR_clear_error(); }
};

const unsigned char* bytesOf(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// r and s one behind the other, of equal length -> DER, as OpenSSL has it. Empty: it cannot be
/// one.
std::string toDer(std::string_view signature) {
    const std::size_t half = signature.size() / 2;
    BigNumber r(BN_bin2bn(bytesOf(signature), static_cast<int>(half), nullptr));
    BigNumber s(BN_bin2bn(bytesOf(signature.substr(half)), static_cast<int>(half), nullptr));
    const EcdsaSignature pair(ECDSA_SIG_new());
    // 0 is in every equation right: such a signature would fit every text.
    if (!r || !s || !pair || BN_is_zero(r.get()) || BN_is_zero(s.get())) return {};
    if (ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
    // The pair owns them from here on.
    static_cast<void>(r.release());
    static_cast<void>(s.release());
    const int size = i2d_ECDSA_SIG(pair.get(), nullptr);
    if (size <= 0) return {};
    std::string der(static_cast<std::size_t>(size), '\0');
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    return i2d_ECDSA_SIG(pair.get(), &out) == size ? der : std::string();
}

/// The other way, each number in `half` bytes.
std::optional<std::string> fromDer(std::string_view der, std::size_t half) {
    const unsigned char* in = bytesOf(der);
    const EcdsaSignature pair(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
    if (!pair) return std::nullopt;
    std::string halves(2 * half, '\0');
    auto* out = reinterpret_cast<unsigned char*>(halves.data());
    const int size = static_cast<int>(half);
    if (BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, size) < 0 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + half, size) < 0) {
        return std::nullopt;
    }
    return halves;
}

/// Ed25519 hashes by itself.
const EVP_MD* digestOf(Algorithm algorithm) {
    if (const Curve* curve = curveOf(algorithm)) return curve->digest();
    return algorithm == Algorithm::eddsa ? nullptr : EVP_sha256();
}

std::size_t sizeOf(Algorithm algorithm, EVP_PKEY* key) {
    if (const Curve* curve = curveOf(algorithm)) return 2 * curve->bytes;
    return algorithm == Algorithm::rs256 ? static_cast<std::size_t>(EVP_PKEY_get_size(key))
                                         : kEdSignature;
}

}  // namespace

std::optional<std::string> hmacSha256(std::string_view secret, std::string_view text) {
    const NoErrorsLeft errors;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest = {};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytesOf(text),
             text.size(), digest.data(), &size) == nullptr) {
        return std::nullopt;
    }
    return std::string(reinterpret_cast<const char*>(digest.data()), size);
}

bool verifySignature(Algorithm algorithm, EVP_PKEY* key, std::string_view text,
                     std::string_view signature) {
    const NoErrorsLeft errors;
    if (signature.size() != sizeOf(algorithm, key)) return false;
    std::string der;
    if (curveOf(algorithm) != nullptr) {
        der = toDer(signature);
        if (der.empty()) return false;
        signature = der;
    }
    const DigestContext context(EVP_MD_CTX_new());
    if (!context) return false;
    if (EVP_DigestVerifyInit(context.get(), nullptr, digestOf(algorithm), nullptr, key) != 1) {
        return false;
    }
    // Not 1 is 0 for a wrong signature, and negative for one that is none.
    return EVP_DigestVerify(context.get(), bytesOf(signature), signature.size(), bytesOf(text),
                            text.size()) == 1;
}

std::optional<std::string> makeSignature(Algorithm algorithm, EVP_PKEY* key,
                                         std::string_view text) {
    const NoErrorsLeft errors;
    const DigestContext context(EVP_MD_CTX_new());
    std::size_t size = 0;
    if (!context ||
        EVP_DigestSignInit(context.get(), nullptr, digestOf(algorithm), nullptr, key) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, bytesOf(text), text.size()) != 1) {
        return std::nullopt;
    }
    std::string signature(size, '\0');
    auto* out = reinterpret_cast<unsigned char*>(signature.data());
    if (EVP_DigestSign(context.get(), out, &size, bytesOf(text), text.size()) != 1) {
        return std::nullopt;
    }
    signature.resize(size);
    const Curve* curve = curveOf(algorithm);
    return curve == nullptr ? std::optional(signature) : fromDer(signature, curve->bytes);
}

}  // namespace syncline::jose
