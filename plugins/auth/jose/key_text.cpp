// SPDX-License-Identifier: Apache-2.0
// Keys as JWK: RFC 7517 and 7518 section 6, RFC 8037 section 2.
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <array>
#include <bit>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base64url.h"
#include "curve.h"
#include "json.h"
#include "key.h"

namespace syncline::jose {

namespace {

constexpr std::size_t kEdBytes = 32;  // of either half of an Ed25519 key
constexpr std::size_t kIdMax = 255;
constexpr std::size_t kNumberMax = Key::kRsaBitsMax / 8;

using Fault = tl::unexpected<std::string>;
using MaybeKey = tl::expected<Key, std::string>;

template <auto free>
struct Free {
    template <class T>
    void operator()(T* object) const {
        free(object);
    }
};
using BigNumber = std::unique_ptr<BIGNUM, Free<BN_clear_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;

/// The bytes of a member in base64url.
std::optional<std::string> bytesOf(const rapidjson::Value& jwk, std::string_view name) {
    const auto text = findText(jwk, name);
    return text ? decodeBase64Url(*text) : std::nullopt;
}

/// Gathers what OpenSSL makes a key of; keeps what the builder points to until it has.
class KeyMaker {
public:
    explicit KeyMaker(const char* type) : type_(type), builder_(OSSL_PARAM_BLD_new()) {}

    void text(const char* name, const char* value) {
        fine_ = fine_ && OSSL_PARAM_BLD_push_utf8_string(builder_.get(), name, value, 0) == 1;
    }
    void bytes(const char* name, std::string value) {
        const std::string& kept = texts_.emplace_back(std::move(value));
        fine_ = fine_ && OSSL_PARAM_BLD_push_octet_string(builder_.get(), name, kept.data(),
                                                          kept.size()) == 1;
    }
    void number(const char* name, const std::string& value) {
        BigNumber made(BN_secure_new());
        const auto* in = reinterpret_cast<const unsigned char*>(value.data());
        fine_ = fine_ && made && BN_bin2bn(in, static_cast<int>(value.size()), made.get()) &&
                OSSL_PARAM_BLD_push_BN(builder_.get(), name, made.get()) == 1;
        numbers_.push_back(std::move(made));
    }

    /// The key, after OpenSSL's own checks of it; null when it is none.
    OpenSslKey make(bool isPrivate) {
        OpenSslKey key = read(isPrivate);
        if (!key || !passes(key.get(), isPrivate)) key.reset();
        ERR_clear_error();
        return key;
    }

private:
    OpenSslKey read(bool isPrivate) {
        if (!fine_) return nullptr;
        const Parameters parameters(OSSL_PARAM_BLD_to_param(builder_.get()));
        const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type_, nullptr));
        EVP_PKEY* key = nullptr;
        if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
        EVP_PKEY_fromdata(context.get(), &key, isPrivate ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                          parameters.get());
        return OpenSslKey(key);
    }

    static bool passes(EVP_PKEY* key, bool isPrivate) {
        const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
        if (!context || EVP_PKEY_public_check(context.get()) != 1) return false;
        return !isPrivate || EVP_PKEY_pairwise_check(context.get()) == 1;
    }

    const char* type_;
    ParameterBuilder builder_;
    std::vector<BigNumber> numbers_;
    std::deque<std::string> texts_;  ///< the builder points to them
    bool fine_ = true;
};

MaybeKey secretOf(const rapidjson::Value& jwk, std::string id) {
    auto secret = bytesOf(jwk, "k");
    if (!secret) return Fault("'k' is no base64url");
    return Key::fromSecret(std::move(*secret), std::move(id));
}

/// All of it or nothing: with `d` alone some libraries, and OpenSSL's check, cannot do.
constexpr std::array<std::pair<const char*, const char*>, 6> kRsaPrivate = {{
    {"d", OSSL_PKEY_PARAM_RSA_D},
    {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
    {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},
    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
    {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2},
    {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
}};

/// Of a number, most significant byte first.
int bitsOf(std::string_view bytes) {
    while (!bytes.empty() && bytes.front() == 0) bytes.remove_prefix(1);
    if (bytes.empty()) return 0;
    const auto first = static_cast<unsigned char>(bytes.front());
    return static_cast<int>(bytes.size() - 1) * 8 + std::bit_width(first);
}

MaybeKey rsaOf(const rapidjson::Value& jwk, std::string id) {
    const auto modulus = bytesOf(jwk, "n");
    const auto exponent = bytesOf(jwk, "e");
    if (!modulus || !exponent) return Fault("'n' or 'e' is no base64url");
    if (modulus->size() > kNumberMax) return Fault("the modulus is larger than 8192 bits");
    if (const int bits = bitsOf(*modulus); bits < Key::kRsaBitsMin) {
        return Fault("the modulus has " + std::to_string(bits) + " bits, 2048 are needed");
    }
    if (exponent->empty() || exponent->size() > 8 || *exponent == "\1" ||
        (static_cast<unsigned char>(exponent->back()) & 1U) == 0) {
        return Fault("'e' is no exponent that is taken");
    }
    KeyMaker maker("RSA");
    maker.number(OSSL_PKEY_PARAM_RSA_N, *modulus);
    maker.number(OSSL_PKEY_PARAM_RSA_E, *exponent);
    const bool isPrivate = jwk.HasMember("d");
    for (const auto& [name, parameter] : kRsaPrivate) {
        if (!isPrivate) break;
        const auto number = bytesOf(jwk, name);
        if (!number || number->size() > kNumberMax) {
            return Fault("'" + std::string(name) + "' is missing or no base64url");
        }
        maker.number(parameter, *number);
    }
    OpenSslKey key = maker.make(isPrivate);
    if (!key) return Fault("its numbers make no RSA key");
    return Key(Algorithm::rs256, std::move(id), std::move(key), isPrivate);
}

MaybeKey ecOf(const rapidjson::Value& jwk, std::string id) {
    const Curve* curve = curveNamed(findText(jwk, "crv"));
    if (curve == nullptr) return Fault("the curve is not P-256, P-384 or P-521");
    const std::string size = std::to_string(curve->bytes) + " bytes";
    const auto x = bytesOf(jwk, "x");
    const auto y = bytesOf(jwk, "y");
    if (!x || !y || x->size() != curve->bytes || y->size() != curve->bytes) {
        return Fault("'x' and 'y' are not " + size + " each in base64url");
    }
    KeyMaker maker("EC");
    maker.text(OSSL_PKEY_PARAM_GROUP_NAME, curve->name);
    maker.bytes(OSSL_PKEY_PARAM_PUB_KEY, "\4" + *x + *y);
    const bool isPrivate = jwk.HasMember("d");
    if (isPrivate) {
        const auto d = bytesOf(jwk, "d");
        if (!d || d->size() != curve->bytes) {
            return Fault("'d' is not " + size + " in base64url");
        }
        maker.number(OSSL_PKEY_PARAM_PRIV_KEY, *d);
    }
    OpenSslKey key = maker.make(isPrivate);
    if (!key) return Fault("its numbers make no point, or no pair, of the curve");
    return Key(curve->algorithm, std::move(id), std::move(key), isPrivate);
}

MaybeKey okpOf(const rapidjson::Value& jwk, std::string id) {
    if (findText(jwk, "crv") != "Ed25519") return Fault("the curve is not Ed25519");
    const auto x = bytesOf(jwk, "x");
    if (!x || x->size() != kEdBytes) return Fault("'x' is not 32 bytes in base64url");
    KeyMaker maker("ED25519");
    maker.bytes(OSSL_PKEY_PARAM_PUB_KEY, *x);
    const bool isPrivate = jwk.HasMember("d");
    if (isPrivate) {
        const auto d = bytesOf(jwk, "d");
        if (!d || d->size() != kEdBytes) return Fault("'d' is not 32 bytes in base64url");
        maker.bytes(OSSL_PKEY_PARAM_PRIV_KEY, *d);
    }
    OpenSslKey key = maker.make(isPrivate);
    if (!key) return Fault("its numbers make no pair of the curve");
    return Key(Algorithm::eddsa, std::move(id), std::move(key), isPrivate);
}

MaybeKey keyOf(const rapidjson::Value& jwk, std::string_view type, std::string id) {
    if (type == "oct") return secretOf(jwk, std::move(id));
    if (type == "RSA") return rsaOf(jwk, std::move(id));
    if (type == "EC") return ecOf(jwk, std::move(id));
    if (type == "OKP") return okpOf(jwk, std::move(id));
    return Fault("the kind " + forLog(type) + " is not known");
}

/// What a JWK says of its own use, if it is another than signatures of tokens.
std::optional<std::string> otherUse(const rapidjson::Value& jwk) {
    const auto use = findText(jwk, "use");
    if (jwk.HasMember("use") && use != "sig") return "its use is not 'sig'";
    const rapidjson::Value* operations = find(jwk, "key_ops");
    if (operations == nullptr) return std::nullopt;
    if (!operations->IsArray()) return "'key_ops' is no array";
    for (const auto& operation : operations->GetArray()) {
        const bool fits =
            operation.IsString() && (textOf(operation) == "verify" || textOf(operation) == "sign");
        if (fits) return std::nullopt;
    }
    return "its 'key_ops' have neither 'verify' nor 'sign'";
}

// ---- Writing -------------------------------------------------------------------------------

std::string member(std::string_view name, std::string_view value) {
    return ",\"" + std::string(name) + "\":\"" + std::string(value) + "\"";
}

std::string numberOf(EVP_PKEY* key, const char* parameter, std::size_t size = 0) {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(key, parameter, &raw) != 1) return {};
    const BigNumber number(raw);
    std::string bytes(size == 0 ? static_cast<std::size_t>(BN_num_bytes(raw)) : size, '\0');
    BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(bytes.data()),
                 static_cast<int>(bytes.size()));
    return encodeBase64Url(bytes);
}

std::string rawOf(EVP_PKEY* key, bool isPrivate) {
    std::string bytes(kEdBytes, '\0');
    std::size_t size = bytes.size();
    auto* out = reinterpret_cast<unsigned char*>(bytes.data());
    const int done = isPrivate ? EVP_PKEY_get_raw_private_key(key, out, &size)
                               : EVP_PKEY_get_raw_public_key(key, out, &size);
    return done == 1 ? encodeBase64Url(bytes) : std::string();
}

std::string membersOf(Algorithm algorithm, EVP_PKEY* key, bool withPrivate) {
    std::string text;
    if (algorithm == Algorithm::rs256) {
        text = R"("kty":"RSA")" + member("n", numberOf(key, OSSL_PKEY_PARAM_RSA_N)) +
               member("e", numberOf(key, OSSL_PKEY_PARAM_RSA_E));
        for (const auto& [name, parameter] : kRsaPrivate) {
            if (withPrivate) text += member(name, numberOf(key, parameter));
        }
    } else if (const Curve* curve = curveOf(algorithm)) {
        text = R"("kty":"EC")" + member("crv", curve->name) +
               member("x", numberOf(key, OSSL_PKEY_PARAM_EC_PUB_X, curve->bytes)) +
               member("y", numberOf(key, OSSL_PKEY_PARAM_EC_PUB_Y, curve->bytes));
        if (withPrivate) text += member("d", numberOf(key, OSSL_PKEY_PARAM_PRIV_KEY, curve->bytes));
    } else {
        text = R"("kty":"OKP","crv":"Ed25519")" + member("x", rawOf(key, false));
        if (withPrivate) text += member("d", rawOf(key, true));
    }
    return text;
}

}  // namespace

tl::expected<Key, std::string> Key::fromJwk(const rapidjson::Value& jwk) {
    if (!jwk.IsObject()) return Fault("it is no JSON object");
    const auto type = findText(jwk, "kty");
    if (!type) return Fault("it has no 'kty'");
    if (auto use = otherUse(jwk)) return Fault(std::move(*use));
    const auto id = findText(jwk, "kid");
    if (jwk.HasMember("kid") && (!id || id->empty() || id->size() > kIdMax)) {
        return Fault("its 'kid' is no text of 1 to 255 bytes");
    }
    MaybeKey key = keyOf(jwk, *type, std::string(id.value_or(std::string_view())));
    if (key && jwk.HasMember("alg") && findText(jwk, "alg") != toText(key->algorithm())) {
        return Fault("its 'alg' is not " + std::string(toText(key->algorithm())) +
                     ", the one that is taken for its kind");
    }
    return key;
}

std::string Key::toJwk(bool withPrivate) const {
    std::string text = "{";
    if (algorithm_ == Algorithm::hs256) {
        if (!withPrivate) return {};
        text += R"("kty":"oct")" + member("k", encodeBase64Url(secret_));
    } else {
        text += membersOf(algorithm_, key_.get(), withPrivate && canSign_);
    }
    text += member("alg", toText(algorithm_)) + member("use", "sig");
    if (!id_.empty()) {
        text += ",\"kid\":" + toJson(rapidjson::Value(rapidjson::StringRef(
                                  id_.data(), static_cast<rapidjson::SizeType>(id_.size()))));
    }
    return text + "}";
}

}  // namespace syncline::jose
