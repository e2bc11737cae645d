// SPDX-License-Identifier: Apache-2.0
#include "channel/presence_table.h"

#include <utility>

#include "channel/member_text.h"

namespace syncline::channel {

std::size_t Member::bytes() const {
    // The names stand in the keys as well.
    return sizeof(Member) + 2 * (user.size() + origin.size()) + state.size();
}

PresenceEvent PresenceTable::enter(const Author& author, broadcast::Signal::Sender session,
                                   std::optional<std::string> state) {
    const auto [place, isNew] = members_.try_emplace({author.user, author.origin});
    Member& member = place->second;
    member.session = session;
    member.awaySince = 0;
    if (isNew) {
        member.user = author.user;
        member.origin = author.origin;
        member.state = std::move(state).value_or(std::string());
        bytes_ += member.bytes();
        return {PresenceEvent::Kind::joined, member, ++sessions_[author.user]};
    }
    if (!state || *state == member.state) return {};
    bytes_ -= member.bytes();
    member.state = std::move(*state);
    bytes_ += member.bytes();
    return {PresenceEvent::Kind::changed, member, sessions_[author.user]};
}

PresenceEvent PresenceTable::leave(const Author& author, broadcast::Signal::Sender session) {
    const auto found = members_.find({author.user, author.origin});
    if (found == members_.end() || found->second.session != session) return {};
    return erase(found);
}

void PresenceTable::depart(const Author& author, std::uint64_t departure) {
    const auto found = members_.find({author.user, author.origin});
    if (found != members_.end()) found->second.awaySince = departure;
}

PresenceEvent PresenceTable::expire(const std::string& user, const std::string& origin,
                                    std::uint64_t departure) {
    const auto found = members_.find({user, origin});
    if (found == members_.end() || found->second.awaySince != departure) return {};
    return erase(found);
}

PresenceEvent PresenceTable::erase(Members::iterator member) {
    PresenceEvent event{PresenceEvent::Kind::left, std::move(member->second), 0};
    members_.erase(member);
    bytes_ -= event.member.bytes();
    const auto count = sessions_.find(event.member.user);
    event.sessions = --count->second;
    if (event.sessions == 0) sessions_.erase(count);
    return event;
}

const Member* PresenceTable::find(const Author& author) const {
    const auto found = members_.find({author.user, author.origin});
    return found == members_.end() ? nullptr : &found->second;
}

std::vector<std::string> PresenceTable::chunks(bool byUser, std::size_t chunkBytesMax) const {
    std::vector<std::string> chunks(1);
    const auto next = [&]() -> std::string& {
        if (chunks.back().size() >= chunkBytesMax) chunks.emplace_back();
        if (!chunks.back().empty()) chunks.back() += ',';
        return chunks.back() += '{';
    };
    if (byUser) {
        for (const auto& [user, sessions] : sessions_) {
            std::string& out = next();
            appendMember(out, "user", user);
            appendMember(out, "sessions", sessions);
            out += '}';
        }
        return chunks;
    }
    for (const auto& [key, member] : members_) {
        std::string& out = next();
        appendMemberText(out, member);
        out += '}';
    }
    return chunks;
}

void appendMemberText(std::string& out, const Member& member) {
    appendMember(out, "user", member.user);
    appendMember(out, "origin", member.origin);
    if (!member.state.empty()) appendRawMember(out, "state", member.state);
}

}  // namespace syncline::channel
