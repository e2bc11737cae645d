// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broadcast/subscriber.h"
#include "channel/author.h"

namespace syncline::channel {

/// One client that is present in a channel. A client (user and origin) has one session at a time,
/// so that a member outlives the session that it came with, if the next one comes in time.
struct Member {
    std::string user;
    std::string origin;
    std::string state;  ///< JSON text; empty: none was given
    broadcast::Signal::Sender session;
    std::uint64_t awaySince = 0;  ///< the number of the departure that may end it; 0: it is here

    std::size_t bytes() const;
};

/// What a change of the table came to, for those who watch.
struct PresenceEvent {
    enum class Kind { none, joined, changed, left };
    Kind kind = Kind::none;
    Member member;             ///< as it now is, or last was
    std::size_t sessions = 0;  ///< how many members the user now has
};

/// Who is present in one channel. Plain data: limits, time and messages are its owner's affair.
/// Owned by a PresenceBoard. [its shard]
class PresenceTable {
public:
    /// The session is there; without a `state` the member keeps the one that it has.
    PresenceEvent enter(const Author& author, broadcast::Signal::Sender session,
                        std::optional<std::string> state);

    /// The session is there no more. Nothing if another session has taken its place.
    PresenceEvent leave(const Author& author, broadcast::Signal::Sender session);

    /// The member has lost its session, and may come back.
    void depart(const Author& author, std::uint64_t departure);

    /// The time of that departure is over; nothing if the client has come back.
    PresenceEvent expire(const std::string& user, const std::string& origin,
                         std::uint64_t departure);

    const Member* find(const Author& author) const;
    std::size_t size() const { return members_.size(); }
    std::size_t bytes() const { return bytes_; }

    /// Members as elements of a JSON array, in chunks of about `chunkBytesMax`; at least one,
    /// possibly empty. `byUser`: {"user","sessions"} for each user.
    std::vector<std::string> chunks(bool byUser, std::size_t chunkBytesMax) const;

private:
    struct Key {
        std::string user;
        std::string origin;
        auto operator<=>(const Key&) const = default;
    };
    using Members = std::map<Key, Member>;

    PresenceEvent erase(Members::iterator member);

    Members members_;
    std::map<std::string, std::size_t> sessions_;  ///< of each user
    std::size_t bytes_ = 0;
};

/// The members of a member as it is told: "user", "origin" and "state" if it has one.
void appendMemberText(std::string& out, const Member& member);

}  // namespace syncline::channel
