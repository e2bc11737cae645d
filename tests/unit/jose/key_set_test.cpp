// SPDX-License-Identifier: Apache-2.0
#include "jose/key_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/jose/vectors.h"

namespace syncline::jose {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string withId(const std::string& jwk, const std::string& id) {
    return jwk.substr(0, jwk.size() - 1) + R"(,"kid":")" + id + "\"}";
}

std::string setOf(std::initializer_list<std::string> jwks) {
    std::string text;
    for (const std::string& jwk : jwks) text += (text.empty() ? "" : ",") + jwk;
    return R"({"keys":[)" + text + "]}";
}

KeySet parsed(const std::string& text) {
    std::vector<std::string> leftOut;
    KeySet set = *KeySet::parse(text, leftOut);
    EXPECT_THAT(leftOut, IsEmpty());
    return set;
}

std::string faultOf(const std::string& text) {
    std::vector<std::string> leftOut;
    const auto set = KeySet::parse(text, leftOut);
    return set ? "it is taken" : set.error();
}

TEST(KeySetTest, FindsTheKeyOfAnIdAndItsAlgorithm) {
    const KeySet set = parsed(setOf({withId(vectors::kRsaKey, "a"), withId(vectors::kEcKey, "b"),
                                     withId(vectors::kHmacKey, "b")}));
    EXPECT_EQ((*set.find(Algorithm::rs256, "a"))->id(), "a");
    EXPECT_EQ((*set.find(Algorithm::es256, "b"))->algorithm(), Algorithm::es256);
    EXPECT_EQ((*set.find(Algorithm::hs256, "b"))->algorithm(), Algorithm::hs256);
    EXPECT_EQ(set.find(Algorithm::hs256, "a").error(), "the key 'a' is for RS256, not HS256");
    EXPECT_EQ(set.find(Algorithm::es256, "c").error(), "the key 'c' is not known");
    EXPECT_EQ(set.find(Algorithm::eddsa, std::nullopt).error(), "there is no key for EdDSA");
}

TEST(KeySetTest, ATokenWithoutAnIdMeansTheOnlyKeyOfItsAlgorithm) {
    const KeySet set = parsed(setOf({withId(vectors::kRsaKey, "a"), withId(vectors::kEcKey, "b"),
                                     withId(vectors::kRsaKey, "c")}));
    EXPECT_EQ((*set.find(Algorithm::es256, std::nullopt))->id(), "b");
    EXPECT_THAT(set.find(Algorithm::rs256, std::nullopt).error(), HasSubstr("there are several"));
}

TEST(KeySetTest, AKeyWithoutAnIdIsNotTheOneOfAnId) {
    const KeySet set = parsed(setOf({vectors::kEcKey}));
    EXPECT_TRUE(set.find(Algorithm::es256, std::nullopt));
    EXPECT_FALSE(set.find(Algorithm::es256, "b"));
    EXPECT_TRUE(set.find(Algorithm::es256, "")) << "an empty id is none";
}

TEST(KeySetTest, LeavesOutWhatIsForAnotherPurpose) {
    std::vector<std::string> leftOut;
    const auto set = KeySet::parse(
        setOf({R"({"kty":"RSA","use":"enc","kid":"x"})", vectors::kEcKey, R"({"kty":"new"})"}),
        leftOut);
    ASSERT_TRUE(set);
    EXPECT_THAT(set->keys(), SizeIs(1));
    EXPECT_THAT(leftOut, testing::ElementsAre(HasSubstr("key 1 ('x')"), HasSubstr("key 3")));
}

TEST(KeySetTest, RefusesWhatIsNoSet) {
    EXPECT_THAT(faultOf("{"), HasSubstr("not JSON"));
    EXPECT_THAT(faultOf("{}"), HasSubstr("no array 'keys'"));
    EXPECT_THAT(faultOf(R"({"keys":{}})"), HasSubstr("no array 'keys'"));
    EXPECT_THAT(faultOf(setOf({})), HasSubstr("none of its keys"));
    EXPECT_THAT(faultOf(setOf({"7"})), HasSubstr("none of its keys"));
    EXPECT_THAT(faultOf(setOf({vectors::kEcKey, vectors::kEcKey})),
                HasSubstr("the id and algorithm of another"));
    EXPECT_THAT(faultOf(R"({"keys":[],"keys":[]})"), HasSubstr("is there twice"));
    EXPECT_THAT(faultOf(std::string(KeySet::kBytesMax + 1, ' ')), HasSubstr("larger than 1 MiB"));
    std::string many;
    for (std::size_t i = 0; i <= KeySet::kKeysMax; ++i) many += i == 0 ? "{}" : ",{}";
    EXPECT_THAT(faultOf(R"({"keys":[)" + many + "]}"), HasSubstr("more than 1000"));
}

}  // namespace
}  // namespace syncline::jose
