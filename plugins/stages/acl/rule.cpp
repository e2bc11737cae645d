// SPDX-License-Identifier: Apache-2.0
#include "rule.h"

#include <algorithm>

namespace syncline::acl {

namespace {

/// The strings of an array, or the one string.
template <class Add>
void eachString(const Value& oneOrMany, Add add) {
    if (oneOrMany.isString()) add(oneOrMany.string());
    if (!oneOrMany.isArray()) return;
    for (const Value one : oneOrMany) add(one.string());
}

/// The claim of that name, or at that pointer, such as "/realm_access/roles".
Value claimAt(const Value& claims, std::string_view name) {
    if (name.empty() || name.front() != '/') return claims[name];
    Value at = claims;
    for (std::string token; at && takeToken(name, token);) at = at[token];
    return at;
}

}  // namespace

Rule::Rule(const Value& config, const Host& host) {
    eachString(config["user"], [&](std::string_view user) { users_.emplace_back(user); });
    eachString(config["role"], [&](std::string_view role) { roles_.emplace_back(role); });
    for (const auto [name, wanted] : config["claims"].members()) {
        claims_.push_back(
            {std::string(name), std::unique_ptr<Document>(new Document(host.document()))});
        claims_.back().value->add(wanted);
    }
    if (const Value channel = config["channel"]) channel_.emplace(channel.string());
    if (const Value key = config["key"]) key_.emplace(key.string());
    if (const Value to = config["to"]) to_.emplace(to.string());
    if (const Value field = config["field"]) field_.emplace(field.string());
    eachString(config["allow"], [&](std::string_view action) {
        read_ = read_ || action == "read";
        write_ = write_ || action == "write";
        send_ = send_ || action == "send";
    });
}

bool Rule::matches(const Request& request) const {
    if (!matchesPlace(request)) return false;
    if (field_ && !matchesField(request)) return false;
    const auto fits = [&](const Pattern& user) { return user.matches(request.user, {}); };
    if (!users_.empty() &&
        (request.user.empty() || std::none_of(users_.begin(), users_.end(), fits))) {
        return false;
    }
    return matchesRole(request.principal) && matchesClaims(request.principal);
}

/// A rule about channels says nothing of what goes to a user, and the other way round.
bool Rule::matchesPlace(const Request& request) const {
    if (request.action == Action::send) {
        return !channel_ && !key_ && (!to_ || to_->matches(request.to, request.user));
    }
    if (to_) return false;
    // Read rights are those of the channel: a rule about keys speaks about writing alone.
    if (key_ && request.action == Action::read) return false;
    if (key_ && (!request.key || !key_->matches(*request.key, request.user))) return false;
    return !channel_ || channel_->matches(request.channel, request.user);
}

/// A rule that allows writing to a field says nothing of what contains it: that is more than it
/// allows. One that denies it speaks about that too, as it would be written to along with the rest.
bool Rule::matchesField(const Request& request) const {
    if (request.action != Action::write || !request.path) return false;
    switch (field_->relationOf(*request.path, request.user)) {
        case Field::Relation::within:
            return true;
        case Field::Relation::around:
            return !write_;
        default:
            return false;
    }
}

bool Rule::matchesRole(const Value& principal) const {
    if (roles_.empty()) return true;
    const Value roles = principal["roles"];
    for (const Value role : roles) {
        const auto same = std::find(roles_.begin(), roles_.end(), role.string());
        if (same != roles_.end()) return true;
    }
    return false;
}

/// A claim that is an array fits when one of its elements does.
bool Rule::matchesClaims(const Value& principal) const {
    if (claims_.empty()) return true;
    const Value claims = principal["claims"];
    return std::all_of(claims_.begin(), claims_.end(), [&](const Claim& claim) {
        const Value wanted = claim.value->result();
        const Value found = claimAt(claims, claim.name);
        if (!found) return false;
        if (found == wanted) return true;
        if (!found.isArray()) return false;
        for (const Value element : found) {
            if (element == wanted) return true;
        }
        return false;
    });
}

}  // namespace syncline::acl
