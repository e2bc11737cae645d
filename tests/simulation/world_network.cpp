// SPDX-License-Identifier: Apache-2.0
// The part of World that carries messages.
#include <algorithm>
#include <utility>

#include "json/parse.h"
#include "json/write.h"
#include "simulation/members.h"
#include "simulation/world.h"

namespace syncline::simulation {

namespace {

/// What a goodbye is given to arrive before the server lets go of the connection.
constexpr std::int64_t kGoodbyeUs = 5'000'000;

}  // namespace

Link* World::linkOf(std::uint64_t number) {
    const auto found = links_.find(number);
    return found == links_.end() ? nullptr : found->second.get();
}

Link* World::newest(std::size_t client) {
    Link* found = nullptr;
    for (auto& [number, link] : links_)
        if (link->client == client && link->heldByClient) found = link.get();
    return found;
}

void World::connect(std::size_t client) {
    if (!server_) {
        clients_[client]->onClosed(0);
        return;
    }
    const std::uint64_t number = ++lastLink_;
    auto made = std::make_unique<Link>(
        number, client, number % Server::kShards, tuning_.outboxBytesMax,
        [this](Link& link, std::string_view text) { onDown(link, text); },
        [this](Link& link) { onChange(link); });
    Link& link = *made;
    links_.emplace(number, std::move(made));
    link.session = server_->meet(link.shard, link);
    trace("client " + std::to_string(client) + " connects, link " + std::to_string(number));
    clients_[client]->onConnected();
}

// The client lets go; the server hears of it a little later.
void World::disconnect(std::size_t client) {
    for (auto& [number, link] : links_)
        if (link->client == client && link->heldByClient) breakLink(*link, 0, false);
}

void World::wakeIn(std::size_t client, std::int64_t us) {
    schedule_.in(us, [this, client] { clients_[client]->wake(); });
}

bool World::send(std::size_t client, const json::Value& message) {
    Link* link = newest(client);
    if (link == nullptr) return false;
    std::string text = json::toText(message);
    trace("c" + std::to_string(client) + "> " + text);
    link->up.push_back(std::move(text));
    upLater(*link);
    return true;
}

// ---- to the server

void World::upLater(Link& link) {
    if (link.upDue || link.up.empty() || link.paused || !link.session) return;
    link.upDue = true;
    const std::int64_t us = std::max(link.upFromUs - clock_.nowUs(),
                                     static_cast<std::int64_t>(50 + network_.below(1'500)));
    schedule_.in(us, [this, number = link.number] {
        Link* found = linkOf(number);
        if (found == nullptr) return;
        found->upDue = false;
        if (clock_.nowUs() >= found->upFromUs) arriveUp(*found);
        upLater(*found);
    });
}

void World::arriveUp(Link& link) {
    if (link.up.empty() || link.paused || !link.session || !server_) return;
    const std::string text = std::move(link.up.front());
    link.up.pop_front();
    if (link.upDead || link.ending) return;
    if (const auto message = json::parse(text))
        noteTaken(clients_[link.client]->stream(), *message);
    server_->enter(link.shard);
    link.session->onMessage(text);
    server_->wake(link.shard);
}

void World::noteTaken(const channel::StreamId& stream, const json::Value& message) {
    const std::uint64_t n = numberOf(message, "n");
    if (n == 0) return;
    for (Deed* deed : ledger_.under(std::string(textOf(message, "channel")), stream, n))
        if (deed->phase == Phase::sent) ledger_.move(*deed, Phase::sequenced);
}

// ---- to the client

// The server is about to tell that to somebody, who has a stream or has not.
void World::checkTold(const channel::StreamId* stream, const json::Value& message) {
    const std::string channel(textOf(message, "channel"));
    const std::string_view type = textOf(message, "type");
    if (type == "update") truth_.checkUpdate(channel, message);
    if (type == "updates")
        for (const json::Value& update : message.find("updates")->elements())
            truth_.checkUpdate(channel, update);
    if (stream == nullptr) return;
    if (type == "ack" || type == "conflict" || type == "error")
        truth_.checkVerdict(*stream, message);
    if (type == "acks" || type == "statuses")
        for (const json::Value& result : message.find("results")->elements())
            truth_.checkVerdict(*stream, result);
}

void World::onDown(Link& link, std::string_view text) {
    auto message = json::parse(text);
    if (!message) return violated("a message that is no JSON: " + std::string(text));
    const bool hasStream = link.session && !link.session->author().client.empty();
    const channel::StreamId stream =
        hasStream ? channel::StreamId::of(link.session->author()) : channel::StreamId();
    checkTold(hasStream ? &stream : nullptr, *message);
    if (tracing_) trace("c" + std::to_string(link.client) + "< " + std::string(text));
    link.down.push_back({std::move(*message), text.size(), 0});
    downLater(link);
}

void World::onChange(Link& link) {
    upLater(link);
    downLater(link);
    if (link.ending && !std::exchange(link.endDue, true))
        schedule_.in(kGoodbyeUs, [this, number = link.number] {
            if (Link* found = linkOf(number)) endSession(*found);
        });
    if (!std::exchange(link.pinged, false) || !link.session) return;
    // A client answers pings by itself, unless nothing gets through.
    if (link.upDead || link.downDead) return;
    schedule_.in(2'000, [this, number = link.number] {
        Link* found = linkOf(number);
        if (found == nullptr || !found->session || !server_ || found->upDead || found->ending)
            return;
        server_->enter(found->shard);
        found->session->onPong();
    });
}

void World::downLater(Link& link) {
    if (link.downDue || link.down.empty() || link.downDead) return;
    link.downDue = true;
    const std::int64_t us = std::max(link.downFromUs - clock_.nowUs(),
                                     static_cast<std::int64_t>(50 + network_.below(1'500)));
    schedule_.in(us, [this, number = link.number] {
        Link* found = linkOf(number);
        if (found == nullptr) return;
        found->downDue = false;
        if (clock_.nowUs() >= found->downFromUs) arriveDown(*found);
        downLater(*found);
    });
}

void World::arriveDown(Link& link) {
    if (link.down.empty() || link.downDead) return;
    Link::Down next = std::move(link.down.front());
    const bool room = link.taken() || next.bytes == 0;
    Client& client = *clients_[link.client];
    const bool isNewest = newest(link.client) == &link;
    if (next.closeCode != 0) {
        trace("link " + std::to_string(link.number) + " is closed with " +
              std::to_string(next.closeCode));
        endSession(link);
        link.heldByClient = false;
        if (isNewest) client.onClosed(next.closeCode);
        return;
    }
    // An older tab's verdicts are about the same outbox; what it follows is not.
    const bool isVerdict = next.message.contains("n") && textOf(next.message, "type") != "update";
    if (link.heldByClient && (isNewest || isVerdict)) client.onMessage(next.message);
    if (!room || !link.session || !server_ || link.ending) return;
    server_->enter(link.shard);
    link.session->onRoom();
    server_->wake(link.shard);
}

// ---- ends

void World::endSession(Link& link) {
    if (!link.session) return;
    if (server_) server_->enter(link.shard);
    link.session.reset();
    link.up.clear();
    if (server_) server_->wake(link.shard);
}

// Of what is under way to the client the first `arriving` still arrive.
void World::breakLink(Link& link, std::size_t arriving, bool clientKnows) {
    while (link.down.size() > arriving) link.down.pop_back();
    link.up.clear();
    link.downDead = link.downDead && arriving == 0;
    if (!clientKnows) {
        link.heldByClient = false;
        schedule_.in(network_.between(100, 60'000), [this, number = link.number] {
            if (Link* found = linkOf(number)) endSession(*found);
        });
        return;
    }
    link.ending = true;
    link.downDead = false;
    link.downFromUs = 0;
    link.down.push_back({json::Value(), 0, 1006});
    downLater(link);
    schedule_.in(network_.between(100, 60'000), [this, number = link.number] {
        if (Link* found = linkOf(number)) endSession(*found);
    });
}

// Lets go of links of which nobody holds an end.
void World::sweep() {
    std::erase_if(links_, [](const auto& link) {
        return !link.second->session && !link.second->heldByClient;
    });
}

}  // namespace syncline::simulation
