// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth_adapter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <future>

#include "bridge/builder_table.h"
#include "unit/bridge/world.h"

namespace syncline::bridge::tests {
namespace {

using session::AuthAnswer;
using testing::HasSubstr;

class AuthAdapterTest : public testing::Test {
protected:
    /// The provider accepts with this principal.
    void accepts(const std::string& principal) {
        script.authenticate = [=](const syncline_credentials*, syncline_builder* builder,
                                  syncline_error*) {
            if (!principal.empty()) kBuilderTable.json(builder, toText(principal));
            return SYNCLINE_ACCEPT;
        };
    }

    AuthAnswer ask(AuthAdapter& provider) {
        session::Credentials shown;
        shown.token = "t";
        shown.client = "c";
        AuthAnswer found;
        bool answered = false;
        provider.authenticate(world.shard, shown, [&](AuthAnswer answer) {
            EXPECT_FALSE(answered);
            answered = true;
            found = std::move(answer);
        });
        EXPECT_TRUE(answered);
        return found;
    }

    World world;
    Script script;
    Made made{world, script, kProviderComponent};
    AuthAdapter adapter{made.started()};
};

TEST_F(AuthAdapterTest, ShowsTheCredentials) {
    script.authenticate = [](const syncline_credentials* shown, syncline_builder*,
                             syncline_error*) {
        EXPECT_EQ(toView(shown->token), "t");
        EXPECT_EQ(toView(shown->client), "c");
        EXPECT_EQ(shown->authorization.size, 0U);
        EXPECT_EQ(shown->certificate.size, 0U);
        return SYNCLINE_NOT_MINE;
    };
    EXPECT_EQ(ask(adapter).kind, AuthAnswer::Kind::notMine);
}

TEST_F(AuthAdapterTest, AcceptsAWholePrincipal) {
    accepts(R"({"user":"ann","roles":["a"],"claims":{"x":1},"expiresAt":99})");
    const AuthAnswer answer = ask(adapter);
    ASSERT_EQ(answer.kind, AuthAnswer::Kind::accept);
    EXPECT_EQ(answer.principal.user, "ann");
    EXPECT_EQ(answer.principal.expiresAtMs, 99);
    EXPECT_EQ(json::toText(answer.principal.document),
              R"({"user":"ann","roles":["a"],"claims":{"x":1},"expiresAt":99})");
}

TEST_F(AuthAdapterTest, RefusesAnAcceptanceWithoutAPrincipal) {
    std::uint64_t misbehaviours = 0;
    for (const char* principal :
         {"", "[]", "{}", R"({"user":1})", R"({"user":""})", R"({"user":"$x"})",
          R"({"user":"a","roles":"x"})", R"({"user":"a","roles":[1]})",
          R"({"user":"a","claims":[]})", R"({"user":"a","expiresAt":"1"})",
          R"({"user":"a","expiresAt":1.5})"}) {
        accepts(principal);
        EXPECT_EQ(ask(adapter).kind, AuthAnswer::Kind::refuse) << principal;
        EXPECT_EQ(made.instance.conduct().misbehaviours(), ++misbehaviours) << principal;
    }
}

TEST_F(AuthAdapterTest, TellsAnExpiredTokenFromAWrongOne) {
    for (const std::uint32_t code : {1301U, 1302U, 0U}) {
        script.authenticate = [=](const syncline_credentials*, syncline_builder*,
                                  syncline_error* error) {
            error->code = code;
            std::strcpy(error->reason, "no");
            return SYNCLINE_REFUSE;
        };
        const AuthAnswer answer = ask(adapter);
        EXPECT_EQ(answer.kind, AuthAnswer::Kind::refuse);
        EXPECT_EQ(answer.reason, "no");
        EXPECT_EQ(answer.expired, code == 1302);
    }
}

TEST_F(AuthAdapterTest, RefusesWhenTheProviderThrowsOrAnswersNonsense) {
    script.authenticate = [](const syncline_credentials*, syncline_builder*,
                             syncline_error*) -> syncline_auth_answer { throw 1; };
    EXPECT_EQ(ask(adapter).kind, AuthAnswer::Kind::refuse);
    script.authenticate = [](const syncline_credentials*, syncline_builder*, syncline_error*) {
        return syncline_auth_answer{99};
    };
    EXPECT_EQ(ask(adapter).kind, AuthAnswer::Kind::refuse);
    EXPECT_EQ(made.instance.conduct().misbehaviours(), 2U);
}

TEST_F(AuthAdapterTest, AsksABlockingProviderOnItsPool) {
    ComponentTraits traits{"plugin", "scripted", "slow"};
    traits.blocking = true;
    traits.concurrencyMax = 1;
    traits.queueMax = 0;
    Made other(world, script, kProviderComponent, traits);
    AuthAdapter slow(other.started());
    std::promise<void> gate;
    std::promise<void> asked;
    script.authenticate = [&](const syncline_credentials* shown, syncline_builder* builder,
                              syncline_error*) {
        asked.set_value();
        gate.get_future().wait();
        kBuilderTable.json(builder, toText(R"({"user":"ann"})"));
        return toView(shown->client) == "c" ? SYNCLINE_ACCEPT : SYNCLINE_REFUSE;
    };
    std::vector<AuthAnswer::Kind> answers;
    const auto begin = [&] {
        session::Credentials shown;
        shown.client = "c";
        slow.authenticate(world.shard, shown,
                          [&](AuthAnswer answer) { answers.push_back(answer.kind); });
    };
    begin();
    EXPECT_TRUE(answers.empty());
    // At its limit it refuses: a provider behind it must not let in whom it would not.
    begin();
    EXPECT_EQ(answers, std::vector{AuthAnswer::Kind::refuse});
    asked.get_future().wait();
    gate.set_value();
    ASSERT_TRUE(other.instance.pool().stop(60'000));
    world.shard.settle();
    EXPECT_EQ(answers, (std::vector{AuthAnswer::Kind::refuse, AuthAnswer::Kind::accept}));
}

}  // namespace
}  // namespace syncline::bridge::tests
