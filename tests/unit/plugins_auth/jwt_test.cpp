// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <jose/key.h>
#include <jose/token.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/fake_plugin_host.h"

namespace syncline::tests {
namespace {

using jose::Algorithm;
using jose::Key;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* kTimes = R"("iat":1700000000,"exp":1700000600)";

/// A file that goes with the test.
class KeysFile {
public:
    KeysFile() : path_(testing::TempDir() + "jwks-" + std::to_string(::getpid()) + ".json") {}
    ~KeysFile() { std::filesystem::remove(path_); }
    KeysFile(const KeysFile&) = delete;
    KeysFile& operator=(const KeysFile&) = delete;

    void write(std::string_view text) const { std::ofstream(path_, std::ios::trunc) << text; }
    void writeSet(std::initializer_list<const Key*> keys, bool withPrivate = false) const {
        std::string list;
        for (const Key* key : keys) list += (list.empty() ? "" : ",") + key->toJwk(withPrivate);
        write(R"({"keys":[)" + list + "]}");
    }
    const std::string& path() const { return path_; }

private:
    const std::string path_;
};

class JwtTest : public testing::Test {
protected:
    void SetUp() override { file.writeSet({&first}); }

    /// A provider that has started, with these further members of the configuration.
    void start(const std::string& more = "") {
        EXPECT_EQ(plugin.configure(R"({"issuer":"id","keys":")" + file.path() +
                                   R"(","reload":"5s","leeway":"0s")" + more + "}"),
                  "");
        EXPECT_EQ(plugin.start(), "");
    }

    static std::string token(const Key& key, const std::string& more = R"("sub":"ann")") {
        return *jose::makeToken(key, R"({"iss":"id",)" + std::string(kTimes) + "," + more + "}");
    }

    std::string shows(const Key& key, const std::string& more = R"("sub":"ann")") {
        return plugin.authenticate("c", token(key, more));
    }

    KeysFile file;
    Key first = *Key::generate(Algorithm::es256, "1");
    Key second = *Key::generate(Algorithm::eddsa, "2");
    FakePluginHost plugin{PLUGIN_JWT};
};

const std::string kAnn =
    R"(accept {"user":"ann","roles":[],"claims":{},"expiresAt":1700000600000})";

TEST_F(JwtTest, LetsInWhoShowsATokenWhereverItStands) {
    start();
    const std::string good = token(first);
    EXPECT_EQ(plugin.authenticate("c", good), kAnn);
    EXPECT_EQ(plugin.authenticate("c", "", "Bearer " + good), kAnn);
    EXPECT_EQ(plugin.authenticate("c", "", "bEARER   " + good + " "), kAnn);
    EXPECT_EQ(plugin.authenticate("c", "", "", FakePluginHost::kNowMs, good), kAnn);
}

TEST_F(JwtTest, LooksAtTheFirstPlaceAlone) {
    start();
    const std::string good = token(first);
    EXPECT_EQ(plugin.authenticate("c", "a.b", "Bearer " + good), "not mine");
    EXPECT_EQ(plugin.authenticate("c", "", "Basic x", FakePluginHost::kNowMs, good), "not mine");
}

TEST_F(JwtTest, LeavesWhatIsNoTokenToOthers) {
    start();
    for (const char* other : {"", "plain", "robot.0123456789abcdef0123456789abcdef"}) {
        EXPECT_EQ(plugin.authenticate("c", other), "not mine") << other;
    }
    EXPECT_THAT(plugin.logged, IsEmpty());
}

TEST_F(JwtTest, LeavesAnotherIssuersTokenToOthersAndSaysSo) {
    start();
    const std::string foreign = *jose::makeToken(first, R"({"iss":"x","sub":"ann"})");
    EXPECT_EQ(plugin.authenticate("c", foreign), "not mine");
    EXPECT_THAT(plugin.logged, ElementsAre(HasSubstr("it was issued by 'x'")));
}

TEST_F(JwtTest, SaysForTheLogWhyATokenIsRefused) {
    start();
    EXPECT_EQ(plugin.authenticate("c", "a.b.c"), "refused 1301: the header: it is no base64url");
    EXPECT_EQ(shows(second), "refused 1301: the key '2' is not known");
    EXPECT_EQ(plugin.authenticate("c", token(first), "", 1'700'000'600'000),
              "refused 1302: it has expired");
    EXPECT_EQ(shows(first, R"("sub":7)"), "refused 1301: the user's claim 'sub' is no text");
}

TEST_F(JwtTest, MakesAPrincipalOfTheClaimsAsConfigured) {
    start(R"(,"user":{"claim":"/who/mail","prefix":"sso:"},)"
          R"("roles":{"claim":"https://x/roles","names":{"g1":"editor","g2":"editor"},)"
          R"("add":["member"]},"claims":{"tenant":"t","plan":"/org/plan","none":"absent"})");
    EXPECT_EQ(shows(first, R"("who":{"mail":"ann@x"},"https://x/roles":["g2","g9","g1"],)"
                           R"("t":{"id":[1,"a",null]},"org":{"plan":"pro"})"),
              R"(accept {"user":"sso:ann@x","roles":["member","editor"],)"
              R"("claims":{"plan":"pro","tenant":{"id":[1,"a",null]}},"expiresAt":1700000600000})");
}

TEST_F(JwtTest, TakesRolesAsOneTextToo) {
    start(R"(,"roles":{"claim":"scope"})");
    EXPECT_THAT(shows(first, R"("sub":"ann","scope":" read  write read")"),
                HasSubstr(R"("roles":["read","write"])"));
    EXPECT_THAT(shows(first, R"("sub":"ann","scope":null)"), HasSubstr(R"("roles":[])"));
}

TEST_F(JwtTest, TheEndOfASessionHasTheLeewayOfItsToken) {
    EXPECT_EQ(plugin.configure(R"({"issuer":"id","keys":")" + file.path() + R"(","leeway":"30s"})"),
              "");
    EXPECT_EQ(plugin.start(), "");
    EXPECT_THAT(shows(first), HasSubstr(R"("expiresAt":1700000630000)"));
}

TEST_F(JwtTest, ASecretIsAKeyOfItsOwn) {
    const std::string secret(32, 's');
    const Key key = *Key::fromSecret(secret, "");
    EXPECT_EQ(plugin.configure(R"({"issuer":"id","leeway":"0s","secret":")" + secret + "\"}"), "");
    EXPECT_EQ(plugin.start(), "");
    EXPECT_EQ(shows(key), kAnn);
    EXPECT_EQ(shows(first), "refused 1301: the algorithm 'ES256' is not configured");
    EXPECT_EQ(shows(*Key::fromSecret(secret, "x")), "refused 1301: the key 'x' is not known");
}

TEST_F(JwtTest, ASecretAmongPublicKeysDoesNotCountUnlessItIsSaid) {
    const Key secret = *Key::generate(Algorithm::hs256, "s");
    file.writeSet({&secret, &first}, true);
    start();
    EXPECT_EQ(shows(secret), "refused 1301: the algorithm 'HS256' is not configured");
    EXPECT_EQ(shows(first), kAnn);
    EXPECT_THAT(plugin.logged, Contains(HasSubstr("the key '1' is a private one")));
    FakePluginHost other(PLUGIN_JWT);
    other.configure(R"({"issuer":"id","algorithms":["HS256"],"keys":")" + file.path() + "\"}");
    other.start();
    EXPECT_THAT(other.authenticate("c", token(secret)), StartsWith("accept"));
    EXPECT_THAT(other.authenticate("c", token(first)), StartsWith("refused"));
}

TEST_F(JwtTest, LooksAtTheFileAgainAfterAWhile) {
    start();
    const Key later = *Key::generate(Algorithm::es256, "1");
    file.writeSet({&later});
    EXPECT_EQ(shows(first), kAnn);
    plugin.steadyMs += 4'999;
    EXPECT_EQ(shows(later), "refused 1301: its signature is wrong");
    plugin.steadyMs += 1;
    EXPECT_EQ(shows(later), kAnn);
    EXPECT_EQ(shows(first), "refused 1301: its signature is wrong");
    EXPECT_THAT(plugin.logged, ElementsAre(HasSubstr("has changed: 1 keys are taken")));
    EXPECT_EQ(plugin.counters.at("key_reloads"), 1U);
}

TEST_F(JwtTest, LooksSoonerForAKeyThatIsNotThereButNotTwiceInASecond) {
    start();
    file.writeSet({&first, &second});
    EXPECT_EQ(shows(second), "refused 1301: the key '2' is not known");
    plugin.steadyMs += 1'000;
    EXPECT_EQ(shows(second), kAnn);
    EXPECT_EQ(shows(first), kAnn);
}

TEST_F(JwtTest, KeepsItsKeysWhenTheFileBecomesBadAndSaysItOnce) {
    start();
    for (const char* bad : {"", "{", R"({"keys":[]})", R"({"keys":[{"kty":"oct","k":"AA"}]})"}) {
        plugin.logged.clear();
        file.write(bad);
        for (int i = 0; i < 3; ++i) {
            plugin.steadyMs += 5'000;
            EXPECT_EQ(shows(first), kAnn) << bad;
        }
        EXPECT_THAT(plugin.logged, Contains(HasSubstr("the keys stay as they were")).Times(1));
    }
    EXPECT_EQ(plugin.counters.at("key_reload_failures"), 4U);
    std::filesystem::remove(file.path());
    plugin.steadyMs += 5'000;
    EXPECT_EQ(shows(first), kAnn);
    EXPECT_THAT(plugin.logged, Contains(HasSubstr("it cannot be opened")));
    file.writeSet({&second});
    plugin.steadyMs += 5'000;
    EXPECT_EQ(shows(second), kAnn);
}

TEST_F(JwtTest, DoesNotStartWithoutKeys) {
    file.write("{}");
    plugin.configure(R"({"issuer":"id","keys":")" + file.path() + "\"}");
    EXPECT_THAT(plugin.start(), HasSubstr("it has no array 'keys'"));
    FakePluginHost missing(PLUGIN_JWT);
    missing.configure(R"({"issuer":"id","keys":"/nowhere/keys.json"})");
    EXPECT_THAT(missing.start(), HasSubstr("/nowhere/keys.json: it cannot be opened"));
}

TEST_F(JwtTest, NamesThePlaceOfAConfigurationThatCannotBe) {
    const std::string secret = R"("secret":"0123456789abcdef0123456789abcdef")";
    const std::vector<std::pair<std::string, std::string>> cases = {
        {R"({"issuer":"id"})", ": 'keys' or 'secret' is needed"},
        {R"({"issuer":"id","secret":"short"})", "/secret: a secret needs at least 32 bytes"},
        {R"({"issuer":"id","keys":"k","secret_id":"x"})", "/secret_id: there is no 'secret'"},
        {R"({"issuer":"id","leeway":"11m",)" + secret + "}", "/leeway: '11m' is outside"},
        {R"({"issuer":"id","reload":"1ms",)" + secret + "}", "/reload: '1ms' is outside"},
        {R"({"issuer":"id","lifetime_max":"0s",)" + secret + "}", "/lifetime_max: '0s'"},
        {R"({"issuer":"id","token_bytes_max":"1MiB",)" + secret + "}", "/token_bytes_max: '1MiB'"},
        {R"({"issuer":"id","user":{"claim":"/~2"},)" + secret + "}", "/user/claim: '/~2'"},
        {R"({"issuer":"id","claims":{"a":"/~"},)" + secret + "}", "/claims/a: '/~'"},
    };
    for (const auto& [config, fault] : cases) {
        FakePluginHost other(PLUGIN_JWT);
        EXPECT_THAT(other.configure(config), StartsWith(fault)) << config;
    }
}

}  // namespace
}  // namespace syncline::tests
