// SPDX-License-Identifier: Apache-2.0
// The part of Server that ends it: what each step of a drain does, and what comes behind it.
#include <algorithm>
#include <chrono>
#include <future>
#include <ranges>
#include <utility>

#include "app/goodbye.h"
#include "app/server.h"
#include "session/session.h"

namespace syncline::app {

void Server::stop() {
    if (!running_) return;
    const auto pause = [](std::int64_t ms) {
        std::this_thread::sleep_for(std::chrono::milliseconds(ms));
    };
    Drain(drainSettings_, drainTimeoutMs_, clock_, *this, pause, log_).run();
    end();
}

void Server::end() {
    running_ = false;
    generation_->drain();
    // In a round of its own: what was accepted before has reached its shard when that closes all.
    onEachShard([this](Shard& shard) {
        if (&shard != shards_.front().get()) return;
        for (const auto& listener : listeners_) listener.second->stopAccepting();
    });
    onEachShard([this](Shard& shard) {
        shard.reactor->closeAll();
        shard.events->stop();
        generation_->closeShard(shard.reactor->index());
        for (const auto& instance : std::views::reverse(instances_)) {
            instance->closeShard(shard.reactor->index());
        }
    });
    watchdog_.reset();
    for (const auto& shard : shards_) shard->reactor->stop();
    for (const auto& shard : shards_) shard->thread.join();
}

// ---- The steps of a drain -----------------------------------------------------------------------

void Server::beUnready() {
    draining_ = true;
}

void Server::refuseNew() {
    refusing_ = true;
    onEachShard([this](Shard& shard) {
        if (&shard == shards_.front().get()) closeDoors();
        for (const auto& entry : shard.context->sessions) entry.second->stopReading();
    });
}

// Whoever watches the server may do so to its end.
void Server::closeDoors() {
    for (const auto& [name, listener] : listeners_) {
        const gateway::ListenerPolicy& policy = generation_->policy(name);
        if (policy.admin && !policy.api) continue;
        listener->acceptWaiting();
        listener->stopAccepting();
    }
}

std::size_t Server::clientsWaiting() {
    std::atomic<std::size_t> clients{0};
    onEachShard([&](Shard& shard) {
        clients += static_cast<std::size_t>(std::ranges::count_if(
            shard.context->sessions, [](const auto& entry) { return !entry.second->settled(); }));
    });
    return clients;
}

void Server::commitLast() {
    directory_->drain([this] { committed_ = true; });
}

void Server::giveUp() {
    onEachShard([this](Shard& shard) {
        // One that is told may end, and takes itself out of the list.
        for (const std::uint64_t number : numbersOn(shard)) {
            session::Session* session = shard.context->find(number);
            if (session != nullptr) session->giveUp(goodbye(drainSettings_, random_));
        }
    });
}

std::size_t Server::lineUp() {
    std::atomic<std::size_t> sessions{0};
    onEachShard([&](Shard& shard) {
        shard.untold = numbersOn(shard);
        sessions += shard.untold.size();
    });
    return sessions;
}

void Server::sendAway(std::size_t count) {
    std::atomic<std::size_t> left{count};
    const auto takeOne = [&left] {
        std::size_t now = left.load();
        while (now > 0 && !left.compare_exchange_weak(now, now - 1)) {
        }
        return now > 0;
    };
    onEachShard([&](Shard& shard) {
        while (!shard.untold.empty() && takeOne()) {
            session::Session* session = shard.context->find(shard.untold.back());
            shard.untold.pop_back();
            if (session != nullptr) session->goAway(goodbye(drainSettings_, random_));
        }
    });
}

std::size_t Server::connectionsLeaving() {
    std::atomic<std::size_t> leaving{0};
    onEachShard([&](Shard& shard) { leaving += shard.reactor->unfinishedCount(); });
    return leaving;
}

std::size_t Server::eventsLeft() {
    std::atomic<std::size_t> events{0};
    onEachShard(
        [&](Shard& shard) { events += shard.events->waiting() + shard.events->underWay(); });
    return events;
}

std::vector<std::uint64_t> Server::numbersOn(const Shard& shard) {
    std::vector<std::uint64_t> numbers;
    for (const auto& entry : shard.context->sessions) numbers.push_back(entry.first);
    return numbers;
}

}  // namespace syncline::app
