// SPDX-License-Identifier: Apache-2.0
#include "jose/token.h"

#include <gtest/gtest.h>

#include "jose/base64url.h"
#include "unit/jose/vectors.h"

namespace syncline::jose {
namespace {

TEST(TokenTest, TakesApartWhatIsPutTogether) {
    const Key key = *Key::generate(Algorithm::es256, "k1");
    const std::string text = *makeToken(key, R"({"sub":"ann"})");
    const auto token = parseToken(text, 8'192);
    ASSERT_TRUE(token) << token.error();
    EXPECT_EQ(token->algorithm, Algorithm::es256);
    EXPECT_EQ(token->keyId, "k1");
    EXPECT_EQ(token->type, "JWT");
    EXPECT_EQ(findText(token->claims, "sub"), "ann");
    EXPECT_TRUE(key.verify(token->signedText, token->signature));
}

TEST(TokenTest, IsAsLargeAsItMayBeAndNoLarger) {
    const std::string text = vectors::kEcToken;
    EXPECT_TRUE(parseToken(text, text.size()));
    EXPECT_FALSE(parseToken(text, text.size() - 1));
}

TEST(TokenTest, AnUnsecuredOneIsNone) {
    EXPECT_EQ(parseToken(vectors::kUnsecuredToken, 8'192).error(), "its signature is missing");
    EXPECT_EQ(parseToken(vectors::kUnsecuredToken + "AAAA", 8'192).error(),
              "the algorithm 'none' is not taken");
}

TEST(TokenTest, KnowsWhatWasMeantToBeOne) {
    for (const char* text : {"a.b.c", "..", "a.b.c.d.e", "eyJhbGciOiJub25lIn0"}) {
        EXPECT_TRUE(looksLikeToken(text)) << text;
    }
    for (const char* text : {"", "plain", "robot.0123456789abcdef0123456789abcdef", "."}) {
        EXPECT_FALSE(looksLikeToken(text)) << text;
    }
}

}  // namespace
}  // namespace syncline::jose
