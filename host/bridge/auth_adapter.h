// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "bridge/instance.h"
#include "session/auth_provider.h"

namespace syncline::bridge {

/// An auth plugin as a provider. Owned by the generation, like its instance, which it borrows. One
/// that declares itself blocking is asked on its pool; at the pool's limits the answer is a
/// refusal, never "not mine": a provider behind it must not let in who this one would have turned
/// away.
class AuthAdapter final : public session::AuthProvider {
public:
    /// The instance has been created.
    explicit AuthAdapter(Instance& instance) : instance_(instance) {}

    const std::string& name() const override { return instance_.name(); }
    void authenticate(core::Shard& shard, const session::Credentials& credentials,
                      core::UniqueFunction<void(session::AuthAnswer)> answer) override;

private:
    session::AuthAnswer ask(void* shardState, const session::Credentials& credentials);

    Instance& instance_;
};

}  // namespace syncline::bridge
