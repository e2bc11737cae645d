// SPDX-License-Identifier: Apache-2.0
#include "session/auth_chain.h"

#include <gtest/gtest.h>

#include "support/fake_shard.h"

namespace syncline::session {
namespace {

class ScriptedProvider final : public AuthProvider {
public:
    explicit ScriptedProvider(AuthAnswer::Kind kind) : kind_(kind) {}
    const std::string& name() const override { return name_; }
    void authenticate(core::Shard&, const Credentials& credentials,
                      core::UniqueFunction<void(AuthAnswer)> answer) override {
        ++asked;
        lastToken = credentials.token;
        AuthAnswer found;
        found.kind = kind_;
        answer(std::move(found));
    }

    int asked = 0;
    std::string lastToken;

private:
    const std::string name_ = "scripted";
    AuthAnswer::Kind kind_;
};

AuthAnswer::Kind ask(const AuthChain& chain) {
    tests::FakeClock clock;
    tests::FakeShard shard(clock);
    Credentials credentials;
    credentials.token = "t";
    auto kind = AuthAnswer::Kind::notMine;
    int answers = 0;
    chain.authenticate(shard, credentials, [&](AuthAnswer answer) {
        kind = answer.kind;
        ++answers;
    });
    EXPECT_EQ(answers, 1);
    return kind;
}

TEST(AuthChainTest, AsksInOrderUntilOneDoesNotSayNotMine) {
    ScriptedProvider first(AuthAnswer::Kind::notMine);
    ScriptedProvider second(AuthAnswer::Kind::accept);
    ScriptedProvider third(AuthAnswer::Kind::accept);
    EXPECT_EQ(ask(AuthChain({&first, &second, &third})), AuthAnswer::Kind::accept);
    EXPECT_EQ(first.asked, 1);
    EXPECT_EQ(second.lastToken, "t");
    EXPECT_EQ(third.asked, 0);
}

TEST(AuthChainTest, ARefusalIsFinal) {
    ScriptedProvider first(AuthAnswer::Kind::refuse);
    ScriptedProvider second(AuthAnswer::Kind::accept);
    EXPECT_EQ(ask(AuthChain({&first, &second})), AuthAnswer::Kind::refuse);
    EXPECT_EQ(second.asked, 0);
}

TEST(AuthChainTest, WithoutATakerTheAnswerIsNotMine) {
    ScriptedProvider first(AuthAnswer::Kind::notMine);
    EXPECT_EQ(ask(AuthChain({&first})), AuthAnswer::Kind::notMine);
    EXPECT_EQ(ask(AuthChain({})), AuthAnswer::Kind::notMine);
}

}  // namespace
}  // namespace syncline::session
