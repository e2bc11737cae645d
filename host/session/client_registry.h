// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace syncline::session {

/// Where the one session of each (user, client) is, so that a newer connection replaces an older
/// one. One per server; locked, because it is asked once per session. [any thread]
class ClientRegistry {
public:
    struct Place {
        std::size_t shard = 0;
        std::uint64_t session = 0;
        bool operator==(const Place&) const = default;
    };

    /// Puts the session there; answers the one that was there before.
    std::optional<Place> claim(const std::string& user, const std::string& client, Place place);

    /// Only if it is still that one's.
    void release(const std::string& user, const std::string& client, Place place);

    std::size_t size() const;

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Place> places_;
};

}  // namespace syncline::session
