// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <syncline/plugin/component.hpp>

namespace syncline {

enum class AuthAnswer : std::int32_t {
    accept = SYNCLINE_ACCEPT,     ///< the principal has been built
    refuse = SYNCLINE_REFUSE,     ///< mine and wrong; throw a Refusal instead to say why
    notMine = SYNCLINE_NOT_MINE,  ///< ask the next provider
};

/// What a peer shows. Empty: not given. Borrowed for the call.
struct Credentials {
    std::string_view token;          ///< of the message
    std::string_view authorization;  ///< HTTP header
    std::string_view cookie;         ///< value of the listener's cookie, if its origin may use it
    std::string_view client;         ///< the client's random id
    std::string_view address;        ///< of the peer, without a port
    std::string_view certificate;    ///< PEM
    std::int64_t nowMs;              ///< Unix time
    ShardState* shard;               ///< what openShard() returned

    /// The token, wherever it stands: in the message, else behind "Bearer" in the header, else in
    /// the cookie. Empty when there is none.
    std::string_view anyToken() const noexcept {
        if (!token.empty()) return token;
        if (!authorization.empty()) return bearer();
        return cookie;
    }

    /// What stands behind "Bearer" in the header; empty for another scheme.
    std::string_view bearer() const noexcept {
        constexpr std::string_view scheme = "bearer ";
        std::string_view rest = authorization;
        if (rest.size() <= scheme.size()) return {};
        for (std::size_t i = 0; i < scheme.size(); ++i) {
            const char c = rest[i];
            const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            if (lower != scheme[i]) return {};
        }
        rest.remove_prefix(scheme.size());
        while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
        while (!rest.empty() && rest.back() == ' ') rest.remove_suffix(1);
        return rest;
    }
};

/// Says who is speaking. [shard], or [pool] if blocking()
class AuthProvider : public Component {
public:
    /// On accept, has built {"user":string,"roles"?:[string],"claims"?:{},"expiresAt"?:ms}.
    virtual AuthAnswer authenticate(const Credentials& credentials, Builder& principal) = 0;
};

namespace detail {

inline syncline_auth_answer authenticate(void* self, void* shard, const syncline_credentials* shown,
                                         syncline_builder* principal,
                                         syncline_error* error) noexcept {
    try {
        auto& provider = instance<AuthProvider>(self);
        Builder builder = provider.host().builder(principal);
        const Credentials credentials = {toView(shown->token),   toView(shown->authorization),
                                         toView(shown->cookie),  toView(shown->client),
                                         toView(shown->address), toView(shown->certificate),
                                         shown->now_ms,          shardState(shard)};
        return static_cast<syncline_auth_answer>(provider.authenticate(credentials, builder));
    } catch (...) {
        describeException(error);
        return SYNCLINE_REFUSE;
    }
}

inline constexpr syncline_auth_provider authFunctions = {sizeof(syncline_auth_provider),
                                                         &authenticate};

}  // namespace detail
}  // namespace syncline
