// SPDX-License-Identifier: Apache-2.0
#include "channel/presence_board.h"

#include <algorithm>
#include <utility>

#include "channel/member_text.h"
#include "wire/frame.h"

namespace syncline::channel {

namespace {

std::string_view nameOf(PresenceEvent::Kind kind) {
    switch (kind) {
        case PresenceEvent::Kind::none:
            return {};
        case PresenceEvent::Kind::joined:
            return "joined";
        case PresenceEvent::Kind::changed:
            return "changed";
        case PresenceEvent::Kind::left:
            return "left";
    }
    return {};
}

core::SharedBytes framedEvent(const std::string& channel, const PresenceEvent& event) {
    std::string body;
    openMessage(body, nameOf(event.kind), quoted(channel));
    appendMemberText(body, event.member);
    appendMember(body, "sessions", event.sessions);
    body += '}';
    std::string frame;
    wire::appendFrame(frame, wire::Opcode::text, body);
    return core::share(std::move(frame));
}

}  // namespace

PresenceBoard::PresenceBoard(core::Shard& shard, Limits limits, Tell tell)
    : shard_(shard), limits_(limits), tell_(std::move(tell)) {}

PresenceBoard::~PresenceBoard() {
    shard_.timers().stop(timer_);
}

core::Result<void> PresenceBoard::change(const std::string& channel, PresenceChange change) {
    if (change.kind == PresenceChange::Kind::look) return {};
    if (change.kind == PresenceChange::Kind::enter) return enter(channel, std::move(change));
    const auto found = tables_.find(channel);
    if (found == tables_.end()) return {};
    if (change.kind == PresenceChange::Kind::depart) {
        depart(found->second, channel, change);
        return {};
    }
    const std::size_t before = found->second.bytes();
    const PresenceEvent event = found->second.leave(change.author, change.session);
    settle(channel, before, event, change.session);
    return {};
}

core::Result<void> PresenceBoard::enter(const std::string& channel, PresenceChange change) {
    const std::size_t stateBytes = change.state ? change.state->size() : 0;
    if (stateBytes > limits_.stateBytesMax) {
        return core::fail(core::Code::tooLarge,
                          "state: at most " + std::to_string(limits_.stateBytesMax) + " bytes");
    }
    PresenceTable& table = tables_[channel];
    const std::size_t before = table.bytes();
    const bool isNew = table.find(change.author) == nullptr;
    const std::size_t cost =
        stateBytes +
        (isNew ? Member{change.author.user, change.author.origin, {}, {}, 0}.bytes() : 0);
    const bool full = isNew && table.size() >= limits_.membersMax;
    if (full || bytes_ + cost > limits_.bytesMax) {
        if (table.size() == 0) tables_.erase(channel);
        return core::fail(
            core::Code::memoryExhausted,
            full ? "at most " + std::to_string(limits_.membersMax) + " can be present in a channel"
                 : "too many are present on this server");
    }
    cancelDeparture(table, change.author);
    const PresenceEvent event = table.enter(change.author, change.session, std::move(change.state));
    settle(channel, before, event, change.session);
    return {};
}

void PresenceBoard::depart(PresenceTable& table, const std::string& channel,
                           const PresenceChange& change) {
    const std::uint64_t number = lastDeparture_ + 1;
    const Member* const member = table.find(change.author);
    if (member == nullptr || member->session != change.session) return;
    cancelDeparture(table, change.author);
    table.depart(change.author, number);
    lastDeparture_ = number;
    departures_.emplace(number, Departure{shard_.nowMs() + limits_.graceMs, channel,
                                          change.author.user, change.author.origin});
    watchDepartures();
}

void PresenceBoard::cancelDeparture(const PresenceTable& table, const Author& author) {
    if (const Member* const member = table.find(author)) departures_.erase(member->awaySince);
}

void PresenceBoard::settle(const std::string& channel, std::size_t bytesBefore,
                           const PresenceEvent& event, broadcast::Signal::Sender sender) {
    const auto found = tables_.find(channel);
    bytes_ += found->second.bytes();
    bytes_ -= bytesBefore;
    if (found->second.size() == 0) tables_.erase(found);
    if (event.kind == PresenceEvent::Kind::none) return;
    tell_(channel, {framedEvent(channel, event), sender});
}

void PresenceBoard::watchDepartures() {
    if (timerRuns_ || departures_.empty()) return;
    timerRuns_ = true;
    const std::int64_t waitMs =
        std::max<std::int64_t>(0, departures_.begin()->second.atMs - shard_.nowMs());
    timer_ = shard_.timers().start(shard_.nowMs(), waitMs, [this] { expire(); });
}

void PresenceBoard::expire() {
    timerRuns_ = false;
    while (!departures_.empty() && departures_.begin()->second.atMs <= shard_.nowMs()) {
        const auto node = departures_.extract(departures_.begin());
        const Departure& gone = node.mapped();
        const auto found = tables_.find(gone.channel);
        if (found == tables_.end()) continue;
        const std::size_t before = found->second.bytes();
        const PresenceEvent event = found->second.expire(gone.user, gone.origin, node.key());
        settle(gone.channel, before, event, {});
    }
    watchDepartures();
}

std::vector<std::string> PresenceBoard::members(const std::string& channel, bool byUser) const {
    const auto found = tables_.find(channel);
    std::vector<std::string> chunks(1);
    if (found != tables_.end()) chunks = found->second.chunks(byUser, limits_.messageBytesMax);
    std::vector<std::string> bodies;
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        std::string& body = bodies.emplace_back();
        openMessage(body, "presence", quoted(channel));
        appendRawMember(body, "members", "[" + chunks[i] + "]");
        appendMember(body, "more", i + 1 < chunks.size());
        body += '}';
    }
    return bodies;
}

}  // namespace syncline::channel
