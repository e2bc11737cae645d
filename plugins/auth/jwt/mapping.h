// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>
#include <vector>

namespace syncline::jwt {

/// Where something stands in the claims: a claim's name, or with a leading slash a JSON pointer
/// (RFC 6901). Names of claims often are URLs, so nothing else in them means anything.
class ClaimPath {
public:
    static std::optional<ClaimPath> parse(const std::string& text);

    /// What stands there, or null.
    const rapidjson::Value* in(const rapidjson::Document& claims) const;
    const std::string& text() const { return text_; }

private:
    std::string text_;
    std::optional<rapidjson::Pointer> pointer_;
};

/// How claims become a principal.
struct Mapping {
    ClaimPath user;
    std::string userPrefix;
    ClaimPath roles;
    std::optional<std::map<std::string, std::string, std::less<>>> roleNames;  ///< theirs -> ours
    std::vector<std::string> rolesAdded;
    std::map<std::string, ClaimPath> claims;  ///< by the name that stages see

    static constexpr std::size_t kRolesMax = 64;
};

/// Builds {user, roles, claims, expiresAt} of claims that have been verified. Throws Refusal where
/// they make no principal: no user, no roles, too many.
void build(const Mapping& mapping, const rapidjson::Document& claims, std::int64_t expiresAtMs,
           Builder& principal);

}  // namespace syncline::jwt
