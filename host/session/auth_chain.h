// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "session/auth_provider.h"

namespace syncline::session {

/// A listener's providers, asked in order until one does not say "not mine". Immutable; owned by
/// the generation, which outlives its sessions.
class AuthChain {
public:
    explicit AuthChain(std::vector<AuthProvider*> providers) : providers_(std::move(providers)) {}

    /// `answer` runs on `shard` exactly once; notMine when no provider took the credentials.
    /// [shard]
    void authenticate(core::Shard& shard, Credentials credentials,
                      core::UniqueFunction<void(AuthAnswer)> answer) const;

private:
    struct Round;
    static void ask(std::unique_ptr<Round> round);

    std::vector<AuthProvider*> providers_;
};

}  // namespace syncline::session
