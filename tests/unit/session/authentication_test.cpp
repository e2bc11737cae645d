// SPDX-License-Identifier: Apache-2.0
#include "session/authentication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <optional>
#include <sstream>

#include "support/fake_shard.h"

namespace syncline::session {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class OneAnswer final : public AuthProvider {
public:
    const std::string& name() const override { return name_; }
    void authenticate(core::Shard&, const Credentials&,
                      core::UniqueFunction<void(AuthAnswer)> answer) override {
        AuthAnswer copy;
        copy.kind = given.kind;
        copy.reason = given.reason;
        copy.expired = given.expired;
        copy.principal.user = "ann";
        answer(std::move(copy));
    }

    AuthAnswer given;

private:
    const std::string name_ = "one";
};

class AuthenticationTest : public testing::Test {
protected:
    core::Result<pipeline::Principal> ask(Credentials credentials) {
        std::optional<core::Result<pipeline::Principal>> found;
        authenticate(shard, chain, std::move(credentials), log, "a request",
                     [&](core::Result<pipeline::Principal> answer) { found = std::move(answer); });
        return std::move(*found);
    }
    static Credentials withToken() {
        Credentials credentials;
        credentials.token = "t0ken";
        return credentials;
    }

    tests::FakeClock clock;
    tests::FakeShard shard{clock};
    OneAnswer provider;
    AuthChain chain{{&provider}};
    std::ostringstream logged;
    std::shared_ptr<spdlog::logger> log = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(logged));
};

TEST_F(AuthenticationTest, AnswersWhoItIs) {
    provider.given.kind = AuthAnswer::Kind::accept;
    EXPECT_EQ(ask(withToken())->user, "ann");
    EXPECT_THAT(logged.str(), IsEmpty());
}

TEST_F(AuthenticationTest, TellsTheLogWhyNotAndTheClientNothingOfIt) {
    provider.given.kind = AuthAnswer::Kind::refuse;
    provider.given.reason = "the key 'x' is not known";
    const auto refused = ask(withToken());
    EXPECT_EQ(refused.error().code, core::Code::tokenInvalid);
    EXPECT_EQ(refused.error().reason, "the credentials were refused");
    EXPECT_THAT(logged.str(), HasSubstr("a request: not authenticated: the key 'x' is not known"));
    EXPECT_THAT(logged.str(), Not(HasSubstr("t0ken")));
    provider.given.expired = true;
    EXPECT_EQ(ask(withToken()).error().code, core::Code::tokenExpired);
}

TEST_F(AuthenticationTest, DoesNotTellTheRefusedFromTheUnknown) {
    provider.given.kind = AuthAnswer::Kind::notMine;
    EXPECT_EQ(ask(withToken()).error().reason, "the credentials were refused");
    Credentials cookie;
    cookie.cookie = "c";
    EXPECT_EQ(ask(cookie).error().reason, "the credentials were refused");
    EXPECT_EQ(ask({}).error().reason, "credentials are needed");
    EXPECT_EQ(ask({}).error().code, core::Code::tokenInvalid);
}

TEST(PrincipalOfTest, NeedsAUserThatIsAName) {
    json::Value document = json::Value::object();
    EXPECT_EQ(principalOf(document).error().code, core::Code::pluginFailed);
    document.set("user", "$ann");
    EXPECT_EQ(principalOf(document).error().code, core::Code::badName);
    document.set("user", "ann");
    document.set("expiresAt", 5);
    EXPECT_EQ(principalOf(document)->expiresAtMs, 5);
}

}  // namespace
}  // namespace syncline::session
