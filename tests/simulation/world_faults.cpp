// SPDX-License-Identifier: Apache-2.0
// The part of World that breaks things.
#include <algorithm>
#include <utility>

#include "simulation/world.h"

namespace syncline::simulation {

namespace {

/// A fault that waited for so many events happens all the same.
constexpr std::size_t kEventsMax = 150;

/// The first two have two users each.
constexpr std::size_t kDevices = 4;
constexpr std::size_t kSharedDevices = 2;

bool concernsEverybody(Fault fault) {
    switch (fault) {
        case Fault::crash:
        case Fault::tornWrite:
        case Fault::diskFull:
        case Fault::unknownCommit:
        case Fault::restore:
        case Fault::clockJump:
        case Fault::compaction:
        case Fault::wrongStrategy:
        case Fault::ageing:
            return true;
        default:
            return false;
    }
}

// What is made ready, and counts when it happens: with a commit, a checkpoint, a conflict.
bool happensLater(Fault fault) {
    return fault == Fault::tornWrite || fault == Fault::unknownCommit ||
           fault == Fault::wrongStrategy || fault == Fault::compaction;
}

}  // namespace

void World::arm(const Step& step) {
    armed_.push_back({step, kEventsMax});
}

void World::fireArmed() {
    for (std::size_t i = 0; i < armed_.size(); ++i) {
        const Step step = armed_[i].step;
        bool isThere = false;
        for (std::size_t client = 0; client < clients_.size(); ++client) {
            const bool meant =
                concernsEverybody(step.fault) || client == step.client % clients_.size();
            isThere = isThere || (meant && ledger_.count(client, step.phase) != 0);
        }
        const bool canStrike = hasTarget(step);
        const bool strikes = isThere && canStrike;
        if (!strikes && --armed_[i].eventsLeft != 0) continue;
        armed_.erase(armed_.begin() + static_cast<std::ptrdiff_t>(i));
        if (!canStrike) return;
        // One at a time: what it does decides what the others meet.
        return fire(step);
    }
}

// Whether there is what the fault breaks: it waits for that as it waits for its moment.
bool World::hasTarget(const Step& step) {
    const std::size_t index = step.client % clients_.size();
    const Client& client = *clients_[index];
    const Link* link = newest(index);
    switch (step.fault) {
        case Fault::drop:
        case Fault::lostAck:
        case Fault::delay:
        case Fault::halfOpen:
        case Fault::slowConsumer:
            return link != nullptr;
        case Fault::reorder:
            return link != nullptr && link->session;
        case Fault::duplicate:
        case Fault::twoTabs:
            return client.active() && client.connected();
        case Fault::crash:
        case Fault::compaction:
            return server_ != nullptr;
        case Fault::revocation:
            return !doorkeeper_.shutOut.contains(client.user());
        case Fault::userChange:
            return index % kDevices < kSharedDevices;
        default:
            return true;
    }
}

void World::fire(const Step& step) {
    ++finding_.faults;
    const std::size_t index = step.client % clients_.size();
    trace("fault: " + std::string(nameOf(step.fault)) + ", client " + std::to_string(index));
    if (!happensLater(step.fault)) cover(step.fault, index, concernsEverybody(step.fault));
    Dice dice(step.salt, "fault");
    strike(step, *clients_[index], dice);
}

void World::cover(Fault fault, std::size_t client, bool everybody) {
    if (healing_) return;
    for (std::size_t phase = 0; phase < kPhases; ++phase)
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            const auto when = static_cast<Phase>(phase);
            if ((!everybody && i != client) || ledger_.count(i, when) == 0) continue;
            if (whyNever(fault, when).empty()) finding_.coverage.count(fault, when);
            break;
        }
}

// What the server has in memory is at the writer once its ticks have handed it over.
void World::noteCommitting() {
    if (!server_ || server_->directory().figures().queuedOps == 0) return;
    for (std::size_t client = 0; client < clients_.size(); ++client) {
        if (ledger_.count(client, Phase::sequenced) == 0) continue;
        for (Deed& deed : ledger_.all())
            if (deed.client == client && deed.phase == Phase::sequenced)
                ledger_.move(deed, Phase::committing);
    }
}

void World::noteTrouble(CommitTrouble trouble) {
    noteCommitting();
    if (trouble >= CommitTrouble::diesBefore)
        cover(Fault::tornWrite, 0, true);
    else if (trouble != CommitTrouble::full)
        cover(Fault::unknownCommit, 0, true);
}

void World::strike(const Step& step, Client& client, Dice& dice) {
    const std::size_t index = step.client % clients_.size();
    Link* link = newest(index);
    switch (step.fault) {
        case Fault::drop:
        case Fault::lostAck:
            return breakLink(
                *link, step.fault == Fault::drop ? dice.below(link->down.size() + 1) : 0, true);
        case Fault::duplicate:
            return client.resendAll();
        case Fault::delay:
            (dice.chance(50) ? link->upFromUs : link->downFromUs) =
                clock_.nowUs() + dice.between(1'000, 3'000'000);
            return;
        case Fault::reorder:
            return reorder(index, dice);
        case Fault::halfOpen:
            (dice.chance(50) ? link->upDead : link->downDead) = true;
            return;
        case Fault::crash:
            return crash("a fault");
        case Fault::tornWrite:
            return disk_.makeTrouble(static_cast<CommitTrouble>(
                static_cast<int>(CommitTrouble::diesBefore) + static_cast<int>(dice.below(3))));
        case Fault::diskFull:
            return failDisk(dice);
        case Fault::unknownCommit:
            return disk_.makeTrouble(
                dice.chance(50) ? CommitTrouble::unknownLost : CommitTrouble::unknownKept,
                1 + dice.below(2));
        case Fault::restore:
            return restore();
        case Fault::clockJump:
            return clock_.jumpWallMs(dice.between(-7'200'000, 14'400'000));
        case Fault::clockSkew:
            return client.skewClock(dice.between(-600'000, 600'000));
        case Fault::twoTabs:
            return connect(index);
        case Fault::slowConsumer:
            link->downFromUs = clock_.nowUs() + dice.between(500'000, 8'000'000);
            return;
        case Fault::revocation:
            return revoke(client.user(), dice);
        case Fault::compaction:
            return compact();
        case Fault::wrongStrategy:
            return spoilStrategies(dice);
        case Fault::lostStorage:
            return client.loseStorage(step.salt);
        case Fault::userChange:
            return changeUser(index);
        case Fault::ageing:
            return age(dice);
        case Fault::count_:
            return;
    }
}

// The client believes that the connection is gone and makes another; what the first one carried
// comes behind.
void World::reorder(std::size_t client, Dice& dice) {
    Link* link = newest(client);
    link->upFromUs = clock_.nowUs() + dice.between(10'000, 400'000);
    link->heldByClient = false;
    link->downDead = true;
    clients_[client]->onClosed(1006);
}

void World::failDisk(Dice& dice) {
    if (dice.chance(40)) {
        disk_.failCheckpoints(true);
        schedule_.in(dice.between(1'000, 10'000'000), [this] { disk_.failCheckpoints(false); });
        return;
    }
    disk_.failAll(true);
    schedule_.in(dice.between(1'000, 2'000'000), [this] { disk_.failAll(false); });
}

void World::restore() {
    crash("its disk is replaced");
    for (auto& [number, link] : links_) {
        // What it sent of a history that is no more is not what this looks at.
        while (link->down.size() > 1) link->down.pop_front();
    }
    truth_.goBack(disk_.restoreBackup());
}

void World::revoke(const std::string& user, Dice& dice) {
    doorkeeper_.shutOut.insert(user);
    const auto refreshAll = [this, user] {
        for (const auto& client : clients_)
            if (client->active() && client->user() == user) client->refreshToken();
    };
    refreshAll();
    schedule_.in(dice.between(10'000, 1'500'000), [this, user, refreshAll] {
        if (doorkeeper_.shutOut.erase(user) != 0) refreshAll();
    });
}

// A drain writes checkpoints of all channels; so does a server that would rather have the memory.
void World::compact() {
    if (server_) server_->compact();
}

// Streams are forgotten while a checkpoint is made. What lies between the clients' last words and
// that time is nothing, or a clock that was wrong.
void World::age(Dice& dice) {
    if (dice.chance(60))
        for (auto& [number, link] : links_) breakLink(*link, 0, true);
    const std::int64_t ms = tuning_.streamAgeMsMax + dice.between(1, 3'600'000);
    clock_.jumpWallMs(ms);
    compact();
    if (!dice.chance(40)) return;
    const std::int64_t backMs = dice.chance(50) ? ms : dice.between(1, ms);
    schedule_.in(dice.between(1'000, 5'000'000), [this, backMs] { clock_.jumpWallMs(-backMs); });
}

void World::spoilStrategies(Dice& dice) {
    mood_.mood = static_cast<Moody::Mood>(1 + dice.below(4));
    mood_.onFirstAsked = [this] { cover(Fault::wrongStrategy, 0, true); };
    schedule_.in(dice.between(1'000, 300'000), [this] { mood_.mood = Moody::Mood::well; });
}

void World::changeUser(std::size_t client) {
    const std::size_t device = client % kDevices;
    const bool second = clients_[device]->active();
    clients_[device]->activate(!second);
    clients_[device + kDevices]->activate(second);
}

}  // namespace syncline::simulation
