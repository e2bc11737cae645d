// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "api_key/key.h"
#include "support/fake_plugin_host.h"

namespace syncline::tests {
namespace {

using testing::StartsWith;

const std::string kSecret = "0123456789abcdef0123456789ABCDEF_-";
const std::string kKey = "billing." + kSecret;
const std::string kOldKey = "old.fedcba9876543210fedcba9876543210";

std::string hashText(const std::string& key) {
    std::string text = "sha256:";
    for (const unsigned char byte : api_key::hashOf(key)) {
        text += "0123456789abcdef"[byte >> 4U];
        text += "0123456789abcdef"[byte & 15U];
    }
    return text;
}

std::string keyConfig(const std::string& id, const std::string& key, const std::string& more = "") {
    return R"({"id":")" + id + R"(","hash":")" + hashText(key) + R"(","user":"u-)" + id + "\"" +
           more + "}";
}

class ApiKeyTest : public testing::Test {
protected:
    ApiKeyTest() {
        EXPECT_EQ(plugin.configure(
                      R"({"keys":[)" + keyConfig("billing", kKey, R"(,"roles":["service"])") + "," +
                      keyConfig("old", kOldKey, R"(,"expires":"2023-11-14T22:13:20Z")") + "]}"),
                  "");
    }

    FakePluginHost plugin{PLUGIN_API_KEY};
};

TEST_F(ApiKeyTest, LetsInWhoShowsAKeyAsTheToken) {
    EXPECT_EQ(plugin.authenticate("c", kKey), R"(accept {"user":"u-billing","roles":["service"]})");
}

TEST_F(ApiKeyTest, LetsInWhoShowsAKeyAsBearer) {
    for (const char* scheme : {"Bearer ", "bearer ", "BEARER   "}) {
        EXPECT_THAT(plugin.authenticate("c", "", scheme + kKey), StartsWith("accept")) << scheme;
    }
}

TEST_F(ApiKeyTest, LetsInWhoShowsAKeyInTheCookie) {
    EXPECT_THAT(plugin.authenticate("c", "", "", FakePluginHost::kNowMs, kKey),
                StartsWith("accept"));
}

TEST_F(ApiKeyTest, RefusesAWrongSecretForAKnownId) {
    std::string wrong = kKey;
    wrong.back() = 'x';
    EXPECT_EQ(plugin.authenticate("c", wrong), "refused 1301: this is not the key 'billing'");
    EXPECT_THAT(plugin.authenticate("c", "billing." + kSecret + "x"), StartsWith("refused 1301"));
}

TEST_F(ApiKeyTest, RefusesOneKeysSecretUnderAnothersId) {
    const std::string secret = kOldKey.substr(kOldKey.find('.'));
    EXPECT_THAT(plugin.authenticate("c", "billing" + secret), StartsWith("refused 1301"));
}

TEST_F(ApiKeyTest, LeavesWhatIsNoKeyOfItsToOthers) {
    for (const std::string& token :
         {std::string("aaaa.bbbb.cccc"), std::string("plain"), std::string(), "other." + kSecret,
          "Billing." + kSecret, "billing." + kSecret.substr(0, 31), "." + kSecret,
          "billing." + kSecret + "!"}) {
        EXPECT_EQ(plugin.authenticate("c", token), "not mine") << token;
    }
    EXPECT_EQ(plugin.authenticate("c", "", "Basic " + kKey), "not mine");
    EXPECT_EQ(plugin.authenticate("c", "", "Bearer"), "not mine");
}

TEST_F(ApiKeyTest, RefusesAnExpiredKeyFromItsVeryMillisecondOn) {
    EXPECT_EQ(plugin.authenticate("c", kOldKey, "", FakePluginHost::kNowMs - 1),
              R"(accept {"user":"u-old","roles":[],"expiresAt":1700000000000})");
    EXPECT_EQ(plugin.authenticate("c", kOldKey, "", FakePluginHost::kNowMs),
              "refused 1302: the key 'old' has expired");
}

TEST_F(ApiKeyTest, NamesThePlaceOfAConfigurationThatCannotBe) {
    const std::string good = keyConfig("billing", kKey);
    FakePluginHost twice(PLUGIN_API_KEY);
    EXPECT_EQ(twice.configure(R"({"keys":[)" + good + "," + good + "]}"),
              "/keys/1/id: there is another key 'billing'");
    FakePluginHost day(PLUGIN_API_KEY);
    EXPECT_EQ(day.configure(R"({"keys":[)" +
                            keyConfig("a", kKey, R"(,"expires":"2023-02-29T00:00:00Z")") + "]}"),
              "/keys/0/expires: there is no such day or time");
    FakePluginHost hash(PLUGIN_API_KEY);
    EXPECT_EQ(hash.configure(R"({"keys":[{"id":"a","hash":"sha256:12","user":"u"}]})"),
              "/keys/0/hash: 'sha256:' and 64 hex digits are needed");
}

TEST(ParseUtc, KnowsTheCalendar) {
    const std::vector<std::pair<const char*, std::int64_t>> good = {
        {"1970-01-01T00:00:00Z", 0},
        {"2000-02-29T12:00:00Z", 951'825'600'000},
        {"2023-11-14T22:13:20Z", 1'700'000'000'000},
        {"2100-03-01T00:00:00Z", 4'107'542'400'000},
    };
    for (const auto& [text, ms] : good) EXPECT_EQ(api_key::parseUtc(text), ms) << text;
    for (const char* text : {"2100-02-29T00:00:00Z", "2023-13-01T00:00:00Z", "2023-00-01T00:00:00Z",
                             "2023-04-31T00:00:00Z", "2023-01-01T24:00:00Z", "2023-01-01T00:60:00Z",
                             "2023-01-01T00:00:60Z", "2023-01-01", "2023-01-01T00:00:00Zx",
                             "1969-12-31T23:59:59Z", ""}) {
        EXPECT_EQ(api_key::parseUtc(text), std::nullopt) << text;
    }
}

TEST(HashOf, IsSha256) {
    EXPECT_EQ(hashText("abc"),
              "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace syncline::tests
