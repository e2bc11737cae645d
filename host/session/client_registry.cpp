// SPDX-License-Identifier: Apache-2.0
#include "session/client_registry.h"

namespace syncline::session {

namespace {

/// Names hold no control characters, so this cannot be made from another pair.
std::string keyOf(const std::string& user, const std::string& client) {
    return user + '\0' + client;
}

}  // namespace

std::optional<ClientRegistry::Place> ClientRegistry::claim(const std::string& user,
                                                           const std::string& client, Place place) {
    const std::lock_guard lock(mutex_);
    const auto [found, isNew] = places_.try_emplace(keyOf(user, client), place);
    if (isNew) return std::nullopt;
    const Place before = found->second;
    found->second = place;
    return before;
}

void ClientRegistry::release(const std::string& user, const std::string& client, Place place) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(keyOf(user, client));
    if (found != places_.end() && found->second == place) places_.erase(found);
}

std::size_t ClientRegistry::size() const {
    const std::lock_guard lock(mutex_);
    return places_.size();
}

}  // namespace syncline::session
