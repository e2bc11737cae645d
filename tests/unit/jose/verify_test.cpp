// SPDX-License-Identifier: Apache-2.0
#include "jose/verify.h"

#include <gtest/gtest.h>

#include <vector>

#include "unit/jose/vectors.h"

namespace syncline::jose {
namespace {

constexpr std::int64_t kNowMs = 1'700'000'000'000;

class VerifyTest : public testing::Test {
protected:
    VerifyTest() {
        rules.issuer = "id";
        rules.audiences = {"sync", "other"};
        rules.algorithms = {Algorithm::es256, Algorithm::hs256};
        keys.add(*Key::generate(Algorithm::es256, "e"));
    }

    /// "good until <ms>", or why not.
    std::string verdict(const std::string& claims, const std::string& type = "JWT") const {
        return verdictOn(*makeToken(keys.keys()[0], claims, type));
    }
    std::string verdictOn(const std::string& token) const {
        const auto verified = verify(token, keys, rules, kNowMs);
        if (verified) return "good until " + std::to_string(verified->expiresAtMs);
        using Kind = Refusal::Kind;
        const Kind kind = verified.error().kind;
        return std::string(kind == Kind::expired      ? "expired: "
                           : kind == Kind::foreign    ? "foreign: "
                           : kind == Kind::unknownKey ? "unknown key: "
                                                      : "") +
               verified.error().reason;
    }

    KeySet keys;
    Rules rules;
};

TEST(VerifyVectorsTest, TheTokensOfTheStandardAreGood) {
    KeySet keys;
    keys.add(vectors::keyOf(vectors::kHmacKey));
    keys.add(vectors::keyOf(vectors::kRsaKey));
    keys.add(vectors::keyOf(vectors::kEcKey));
    Rules rules;
    rules.issuer = "joe";
    rules.algorithms = {Algorithm::hs256, Algorithm::rs256, Algorithm::es256};
    for (const std::string& token : {vectors::kHmacToken, vectors::kRsaToken, vectors::kEcToken}) {
        const auto verified = verify(token, keys, rules, vectors::kNowMs);
        ASSERT_TRUE(verified) << verified.error().reason;
        EXPECT_EQ(verified->expiresAtMs, 1'300'819'380'000);
        EXPECT_EQ(verify(token, keys, rules, vectors::kNowMs + 1'000).error().kind,
                  Refusal::Kind::expired);
    }
    EXPECT_FALSE(verify(vectors::kUnsecuredToken, keys, rules, vectors::kNowMs));
}

TEST_F(VerifyTest, HoldsTimesAgainstTheClockToTheMillisecond) {
    const std::string base = R"({"iss":"id","aud":"sync",)";
    EXPECT_EQ(verdict(base + R"("exp":1700000000.001})"), "good until 1700000000001");
    EXPECT_EQ(verdict(base + R"("exp":1700000000})"), "expired: it has expired");
    EXPECT_EQ(verdict(base + R"("exp":1700000009,"nbf":1700000000,"iat":1700000000})"),
              "good until 1700000009000");
    EXPECT_EQ(verdict(base + R"("exp":1700000009,"nbf":1700000000.5})"),
              "it does not count yet ('nbf')");
    EXPECT_EQ(verdict(base + R"("exp":1700000009,"iat":1700000000.5})"),
              "it was issued in the future ('iat')");
    EXPECT_EQ(verdict(base + R"("exp":253402300800})"), "'exp' is no time in seconds");
}

TEST_F(VerifyTest, GivesClocksTheirLeewayOnBothSides) {
    rules.leewayMs = 30'000;
    const std::string base = R"({"iss":"id","aud":"sync",)";
    EXPECT_EQ(verdict(base + R"("exp":1699999971})"), "good until 1700000001000");
    EXPECT_EQ(verdict(base + R"("exp":1699999970})"), "expired: it has expired");
    EXPECT_EQ(verdict(base + R"("exp":1700000100,"nbf":1700000030,"iat":1700000030})"),
              "good until 1700000130000");
    EXPECT_EQ(verdict(base + R"("exp":1700000100,"nbf":1700000031})"),
              "it does not count yet ('nbf')");
}

TEST_F(VerifyTest, LimitsTheLifetimeWhenToldTo) {
    rules.lifetimeMsMax = 60'000;
    const std::string base = R"({"iss":"id","aud":"sync","exp":1700000050)";
    EXPECT_EQ(verdict(base + R"(,"iat":1699999990})"), "good until 1700000050000");
    EXPECT_EQ(verdict(base + R"(,"iat":1699999989})"),
              "its lifetime is longer than what is configured");
    EXPECT_EQ(verdict(base + "}"), "it has no 'iat', and its lifetime is limited");
}

TEST_F(VerifyTest, TakesOneOfItsAudiences) {
    const std::string end = R"(,"exp":1700000009})";
    for (const char* audience : {R"("sync")", R"("other")", R"(["x","other"])"}) {
        EXPECT_EQ(verdict(R"({"iss":"id","aud":)" + std::string(audience) + end),
                  "good until 1700000009000");
    }
    rules.audiences.clear();
    EXPECT_EQ(verdict(R"({"iss":"id")" + end), "good until 1700000009000");
    EXPECT_EQ(verdict(R"({"iss":"id","aud":"sync")" + end),
              "it is meant for 'sync', and no audience is configured");
}

TEST_F(VerifyTest, LeavesOtherIssuersToOthersBeforeItLooksAtAKey) {
    const std::string token = *makeToken(*Key::generate(Algorithm::rs256, "r"), R"({"iss":"x"})");
    EXPECT_EQ(verdictOn(token), "foreign: it was issued by 'x'");
}

TEST_F(VerifyTest, SaysWhenNewerKeysMayHelp) {
    const std::string claims = R"({"iss":"id","aud":"sync","exp":1700000009})";
    EXPECT_EQ(verdictOn(*makeToken(*Key::generate(Algorithm::es256, "new"), claims)),
              "unknown key: the key 'new' is not known");
    EXPECT_EQ(verdictOn(*makeToken(*Key::generate(Algorithm::rs256, "e"), claims)),
              "the algorithm 'RS256' is not configured");
}

TEST_F(VerifyTest, HoldsTheTypeAgainstThePurpose) {
    const std::string claims = R"({"iss":"id","aud":"sync","exp":1700000009})";
    for (const char* type : {"", "JWT", "jwt", "at+jwt", "application/at+JWT"}) {
        EXPECT_EQ(verdict(claims, type), "good until 1700000009000") << type;
    }
    EXPECT_EQ(verdict(claims, "logout+jwt"), "its type 'logout+jwt' is not taken");
    rules.type = "at+jwt";
    EXPECT_EQ(verdict(claims, "application/at+jwt"), "good until 1700000009000");
    EXPECT_EQ(verdict(claims, "JWT"), "its type 'JWT' is not taken");
    EXPECT_EQ(verdict(claims, ""), "its type '' is not taken");
}

}  // namespace
}  // namespace syncline::jose
