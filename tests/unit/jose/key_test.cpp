// SPDX-License-Identifier: Apache-2.0
#include "jose/key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <tuple>
#include <utility>
#include <vector>

#include "jose/base64url.h"
#include "unit/jose/vectors.h"

namespace syncline::jose {
namespace {

using testing::HasSubstr;

/// The two sides of the last dot.
std::pair<std::string, std::string> cut(const std::string& token) {
    const std::size_t dot = token.rfind('.');
    return {token.substr(0, dot), *decodeBase64Url(token.substr(dot + 1))};
}

std::string refusalOf(const std::string& jwk) {
    const auto key = Key::fromJwk(*parseObject(jwk));
    return key ? "it is taken" : key.error();
}

TEST(KeyTest, VerifiesTheVectorsOfTheStandards) {
    for (const auto& [jwk, token] : std::vector<std::pair<std::string, std::string>>{
             {vectors::kHmacKey, vectors::kHmacToken},
             {vectors::kRsaKey, vectors::kRsaToken},
             {vectors::kEcKey, vectors::kEcToken},
             {vectors::kEc521Key, vectors::kEc521Token},
             {vectors::kEdKey, vectors::kEdText + "." + vectors::kEdSignature}}) {
        const Key key = vectors::keyOf(jwk);
        const auto [text, signature] = cut(token);
        EXPECT_TRUE(key.verify(text, signature)) << jwk;
        EXPECT_FALSE(key.verify(text + "x", signature)) << jwk;
        for (std::size_t i = 0; i < signature.size(); ++i) {
            std::string changed = signature;
            changed[i] = static_cast<char>(changed[i] ^ 1);
            EXPECT_FALSE(key.verify(text, changed)) << jwk << " byte " << i;
            EXPECT_FALSE(key.verify(text, signature.substr(0, i))) << jwk << " cut at " << i;
        }
    }
}

TEST(KeyTest, TheCurveOfAKeyDecidesItsAlgorithm) {
    const std::vector<std::tuple<Algorithm, std::string, std::size_t>> curves = {
        {Algorithm::es256, "P-256", 64},
        {Algorithm::es384, "P-384", 96},
        {Algorithm::es512, "P-521", 132}};
    for (const auto& [algorithm, name, bytes] : curves) {
        const Key key = *Key::generate(algorithm, "");
        const std::string jwk = key.toJwk(false);
        EXPECT_THAT(jwk, HasSubstr("\"crv\":\"" + name + "\""));
        EXPECT_EQ(vectors::keyOf(jwk).algorithm(), algorithm);
        EXPECT_EQ(key.sign("text")->size(), bytes);
        for (const Algorithm other : kAlgorithms) {
            if (other == algorithm) continue;
            const std::string own = "\"alg\":\"" + std::string(toText(algorithm)) + "\"";
            std::string claimed = jwk;
            claimed.replace(claimed.find(own), own.size(),
                            "\"alg\":\"" + std::string(toText(other)) + "\"");
            EXPECT_THAT(refusalOf(claimed), HasSubstr("not " + std::string(toText(algorithm))));
            EXPECT_FALSE(key.verify("text", *Key::generate(other, "")->sign("text")));
        }
    }
}

TEST(KeyTest, SignsTheVectorsWhereThereIsOnlyOneSignature) {
    const auto [hmacText, hmac] = cut(vectors::kHmacToken);
    EXPECT_EQ(vectors::keyOf(vectors::kHmacKey).sign(hmacText), hmac);
    EXPECT_EQ(vectors::keyOf(vectors::kEdKey).sign(vectors::kEdText),
              *decodeBase64Url(vectors::kEdSignature));
}

TEST(KeyTest, ANewOneSignsAndItsPublicHalfVerifies) {
    for (const Algorithm algorithm : kAlgorithms) {
        const Key key = *Key::generate(algorithm, "k\"1");
        const std::string signature = *key.sign("text");
        const bool secret = algorithm == Algorithm::hs256;
        const Key other = vectors::keyOf(key.toJwk(secret));
        EXPECT_EQ(other.id(), "k\"1");
        EXPECT_EQ(other.algorithm(), algorithm);
        EXPECT_EQ(other.canSign(), secret);
        EXPECT_TRUE(other.verify("text", signature));
        const Key again = vectors::keyOf(key.toJwk(true));
        EXPECT_TRUE(again.canSign());
        EXPECT_TRUE(other.verify("text", *again.sign("text")));
        EXPECT_FALSE(Key::generate(algorithm, "")->verify("text", signature));
    }
}

TEST(KeyTest, ShowsNothingSecretUnlessAsked) {
    for (const Algorithm algorithm : kAlgorithms) {
        const std::string jwk = Key::generate(algorithm, "k")->toJwk(false);
        EXPECT_EQ(jwk.find("\"d\""), std::string::npos);
        EXPECT_EQ(jwk.find("\"k\":"), std::string::npos);
    }
}

TEST(KeyTest, LeavesNoErrorsForTheNextUserOfOpenSsl) {
    const Key key = vectors::keyOf(vectors::kEcKey);
    EXPECT_FALSE(key.verify("text", std::string(64, '\xff')));
    EXPECT_FALSE(vectors::keyOf(vectors::kRsaKey).verify("text", std::string(256, '\xff')));
    EXPECT_EQ(ERR_peek_error(), 0UL);
}

TEST(KeyTest, AKeyThatIsNoneSaysWhy) {
    const std::string x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const std::string y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    const std::string point = R"("x":")" + x + R"(","y":")" + y + "\"";
    const std::string zero(43, 'A');
    const std::string ec = R"({"kty":"EC","crv":"P-256",)" + point;
    const std::string ec521 = vectors::kEc521Key.substr(0, vectors::kEc521Key.find(",\"d\""));
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"{}", "no 'kty'"},
        {R"({"kty":7})", "no 'kty'"},
        {R"({"kty":"ec"})", "'ec' is not known"},
        {R"({"kty":"oct"})", "'k' is no base64url"},
        {R"({"kty":"oct","k":"c2hvcnQ"})", "at least 32 bytes"},
        {R"({"kty":"oct","k":")" + std::string(1'400, 'A') + "\"}", "at most 1024"},
        {R"({"kty":"EC","crv":"P-384",)" + point + "}", "not 48 bytes each"},
        {R"({"kty":"EC","crv":"P-521",)" + point + "}", "not 66 bytes each"},
        {R"({"kty":"EC","crv":"secp256k1",)" + point + "}", "not P-256, P-384 or P-521"},
        {R"({"kty":"EC",)" + point + "}", "not P-256, P-384 or P-521"},
        {R"({"kty":"EC","crv":"P-256","x":")" + x + "\"}", "not 32 bytes each"},
        {R"({"kty":"EC","crv":"P-256","x":")" + x + R"(","y":"AA"})", "not 32 bytes each"},
        {R"({"kty":"EC","crv":"P-256","x":")" + zero + R"(","y":")" + zero + "\"}", "no point"},
        {R"({"kty":"EC","crv":"P-256","x":")" + y + R"(","y":")" + x + "\"}", "no point"},
        {ec + R"(,"d":")" + zero + "\"}", "no point, or no pair"},
        {ec + R"(,"d":")" + x + "\"}", "no point, or no pair"},
        {ec + R"(,"alg":"ES384"})", "not ES256"},
        {ec + R"(,"alg":"HS256"})", "not ES256"},
        {ec521 + R"(,"alg":"ES256"})", "not ES512"},
        {ec521 + R"(,"d":")" + x + "\"}", "'d' is not 66 bytes"},
        {ec521 + R"(,"d":")" + std::string(88, 'A') + "\"}", "no point, or no pair"},
        {ec + R"(,"alg":7})", "not ES256"},
        {ec + R"(,"use":"enc"})", "not 'sig'"},
        {ec + R"(,"use":7})", "not 'sig'"},
        {ec + R"(,"key_ops":["encrypt"]})", "neither 'verify' nor 'sign'"},
        {ec + R"(,"key_ops":"verify"})", "no array"},
        {ec + R"(,"kid":7})", "'kid' is no text"},
        {ec + R"(,"kid":""})", "'kid' is no text"},
        {R"({"kty":"RSA","n":"AQAB","e":"AQAB"})", "bits, 2048 are needed"},
        {R"({"kty":"RSA","n":")" + std::string(1'400, 'B') + R"(","e":"AQAB"})", "8192 bits"},
        {R"({"kty":"RSA","n":")" + std::string(344, 'B') + R"(","e":"AQ"})", "no exponent"},
        {R"({"kty":"RSA","n":")" + std::string(344, 'B') + R"(","e":"Ag"})", "no exponent"},
        {R"({"kty":"RSA","n":")" + std::string(344, 'B') + R"(","e":"AQAB","d":"AQ"})",
         "'p' is missing"},
        {R"({"kty":"RSA","e":"AQAB"})", "'n' or 'e'"},
        {R"({"kty":"OKP","crv":"Ed448","x":"AA"})", "not Ed25519"},
        {R"({"kty":"OKP","crv":"Ed25519","x":"AA"})", "not 32 bytes"},
        {R"({"kty":"OKP","crv":"X25519","x":")" + x + "\"}", "not Ed25519"},
    };
    for (const auto& [jwk, reason] : cases) EXPECT_THAT(refusalOf(jwk), HasSubstr(reason)) << jwk;
}

TEST(KeyTest, ASecretHasItsBounds) {
    EXPECT_FALSE(Key::fromSecret(std::string(Key::kSecretMin - 1, 'x'), ""));
    EXPECT_TRUE(Key::fromSecret(std::string(Key::kSecretMin, 'x'), ""));
    EXPECT_TRUE(Key::fromSecret(std::string(Key::kSecretMax, 'x'), ""));
    EXPECT_FALSE(Key::fromSecret(std::string(Key::kSecretMax + 1, 'x'), ""));
}

}  // namespace
}  // namespace syncline::jose
