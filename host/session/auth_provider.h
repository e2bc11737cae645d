// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/shard.h"
#include "core/task.h"
#include "pipeline/principal.h"

namespace syncline::session {

/// What a client showed. Empty: not given. Never logged.
struct Credentials {
    std::string token;
    std::string authorization;
    std::string cookie;
    std::string client;
    std::string address;
    std::int64_t nowMs = 0;   ///< Unix time
    std::string traceparent;  ///< not about who it is: for the log, checked
};

struct AuthAnswer {
    enum class Kind { accept, refuse, notMine };
    Kind kind = Kind::notMine;
    pipeline::Principal principal;  ///< with accept
    std::string reason;             ///< with refuse: for the log, not for the client
    bool expired = false;           ///< with refuse: a token that was good once
};

/// Finds out who is speaking. Implemented by the bridge over auth plugins; owned by the generation.
class AuthProvider {
public:
    virtual ~AuthProvider() = default;

    virtual const std::string& name() const = 0;

    /// `answer` runs on `shard`, at once or later, exactly once. [shard]
    virtual void authenticate(core::Shard& shard, const Credentials& credentials,
                              core::UniqueFunction<void(AuthAnswer)> answer) = 0;
};

}  // namespace syncline::session
