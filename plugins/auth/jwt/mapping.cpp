// SPDX-License-Identifier: Apache-2.0
#include "mapping.h"

#include <jose/json.h>

#include <algorithm>
#include <utility>

namespace syncline::jwt {

namespace {

constexpr std::uint32_t kTokenInvalid = 1301;
constexpr std::size_t kNameMax = 255;

[[noreturn]] void refuse(const std::string& reason) {
    throw Refusal(kTokenInvalid, reason);
}

/// The rules of all names of the protocol; the text is UTF-8, which the parser has seen to.
bool isName(std::string_view name) {
    if (name.empty() || name.size() > kNameMax || name[0] == '$') return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto byte = static_cast<unsigned char>(name[i]);
        if (byte < 0x20 || byte == 0x7f) return false;
        // U+0080 to U+009F are C2 80 to C2 9F in UTF-8.
        const bool c1 =
            byte == 0xc2 && i + 1 < name.size() && static_cast<unsigned char>(name[i + 1]) < 0xa0;
        if (c1) return false;
    }
    return true;
}

std::string userOf(const Mapping& mapping, const rapidjson::Document& claims) {
    const rapidjson::Value* found = mapping.user.in(claims);
    const std::string where = "the user's claim " + jose::forLog(mapping.user.text());
    if (found == nullptr) refuse(where + " is missing");
    if (!found->IsString()) refuse(where + " is no text");
    // Before the prefix: an empty one would be everybody's name.
    if (!isName(jose::textOf(*found))) refuse(where + " is no name");
    std::string user = mapping.userPrefix + std::string(jose::textOf(*found));
    if (!isName(user)) refuse(where + " is no name with its prefix");
    return user;
}

/// The issuer's roles: a list, or one text with spaces between them (RFC 6749 section 3.3).
std::vector<std::string_view> theirRoles(const Mapping& mapping,
                                         const rapidjson::Document& claims) {
    const rapidjson::Value* found = mapping.roles.in(claims);
    std::vector<std::string_view> roles;
    if (found == nullptr || found->IsNull()) return roles;
    const std::string where = "the claim of the roles " + jose::forLog(mapping.roles.text());
    if (found->IsString()) {
        std::string_view rest = jose::textOf(*found);
        while (!rest.empty()) {
            const std::size_t space = std::min(rest.find(' '), rest.size());
            if (space > 0) roles.push_back(rest.substr(0, space));
            rest.remove_prefix(std::min(space + 1, rest.size()));
        }
        return roles;
    }
    if (!found->IsArray()) refuse(where + " is no list");
    for (const auto& role : found->GetArray()) {
        if (!role.IsString()) refuse(where + " has something that is no text");
        roles.push_back(jose::textOf(role));
    }
    return roles;
}

std::vector<std::string> rolesOf(const Mapping& mapping, const rapidjson::Document& claims) {
    std::vector<std::string> roles = mapping.rolesAdded;
    const auto add = [&](std::string_view role) {
        if (std::find(roles.begin(), roles.end(), role) == roles.end()) roles.emplace_back(role);
    };
    for (const std::string_view role : theirRoles(mapping, claims)) {
        if (!mapping.roleNames) {
            if (role.empty() || role.size() > kNameMax) refuse("a role is longer than 255 bytes");
            add(role);
            continue;
        }
        const auto ours = mapping.roleNames->find(role);
        if (ours != mapping.roleNames->end()) add(ours->second);
    }
    if (roles.size() > Mapping::kRolesMax) refuse("it has more than 64 roles");
    return roles;
}

}  // namespace

std::optional<ClaimPath> ClaimPath::parse(const std::string& text) {
    ClaimPath path;
    path.text_ = text;
    if (text.rfind('/', 0) != 0) return path;
    path.pointer_.emplace(text.data(), text.size());
    return path.pointer_->IsValid() ? std::optional(std::move(path)) : std::nullopt;
}

const rapidjson::Value* ClaimPath::in(const rapidjson::Document& claims) const {
    return pointer_ ? pointer_->Get(claims) : jose::find(claims, text_);
}

void build(const Mapping& mapping, const rapidjson::Document& claims, std::int64_t expiresAtMs,
           Builder& principal) {
    const std::string user = userOf(mapping, claims);
    const std::vector<std::string> roles = rolesOf(mapping, claims);
    principal.object([&](Builder& who) {
        who.set("user", user);
        who.array("roles", [&](Builder& list) {
            for (const std::string& role : roles) list.add(role);
        });
        who.object("claims", [&](Builder& shown) {
            for (const auto& [name, path] : mapping.claims) {
                const rapidjson::Value* found = path.in(claims);
                if (found != nullptr) shown.key(name).json(jose::toJson(*found));
            }
        });
        who.set("expiresAt", expiresAtMs);
    });
    // A number too large for the host's JSON, for example.
    if (principal.failed()) refuse("a claim that is passed on is nothing that JSON can hold here");
}

}  // namespace syncline::jwt
