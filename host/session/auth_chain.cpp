// SPDX-License-Identifier: Apache-2.0
#include "session/auth_chain.h"

#include <cstddef>
#include <utility>

namespace syncline::session {

struct AuthChain::Round {
    const AuthChain* chain;
    core::Shard* shard;
    Credentials credentials;
    core::UniqueFunction<void(AuthAnswer)> answer;
    std::size_t next = 0;
};

void AuthChain::authenticate(core::Shard& shard, Credentials credentials,
                             core::UniqueFunction<void(AuthAnswer)> answer) const {
    ask(std::make_unique<Round>(Round{this, &shard, std::move(credentials), std::move(answer), 0}));
}

void AuthChain::ask(std::unique_ptr<Round> round) {
    if (round->next == round->chain->providers_.size()) return round->answer(AuthAnswer());
    AuthProvider& provider = *round->chain->providers_[round->next++];
    core::Shard& shard = *round->shard;
    const Credentials credentials = round->credentials;
    provider.authenticate(shard, credentials, [held = std::move(round)](AuthAnswer answer) mutable {
        if (answer.kind == AuthAnswer::Kind::notMine) {
            ask(std::move(held));
        } else {
            held->answer(std::move(answer));
        }
    });
}

}  // namespace syncline::session
