// SPDX-License-Identifier: Apache-2.0
#include "simulation/world.h"

#include <algorithm>
#include <utility>

namespace syncline::simulation {

namespace {

constexpr std::size_t kClients = 6;  ///< on four devices: two of them have two users each
constexpr std::size_t kEventsMax = 100'000;
constexpr std::int64_t kSettleUs = 240'000'000;
constexpr std::int64_t kSettleStepUs = 250'000;
constexpr std::int64_t kLookAgainUs = 65'000'000;
constexpr std::array<const char*, 2> kChannels = {"room:one", "room:two"};
constexpr std::array<const char*, kClients> kUsers = {"ann", "ben", "ann", "cem", "dora", "ben"};

}  // namespace

World::World(Installation& installation, const Plan& plan, bool tracing)
    : plan_(plan),
      tracing_(tracing),
      installation_(installation),
      random_(plan.seed, "server"),
      network_(plan.seed, "network"),
      tuning_(Tuning::of(plan.seed)),
      truth_(
          ledger_, !tuning_.forgetsStamps(), clock_, tuning_.streamAgeMsMax,
          [this](Ending ending) { met(ending); },
          [this](const std::string& what) { violated(what); }),
      disk_({[this](const std::string& channel, const channel::StoredEntry& entry) {
                 truth_.land(channel, entry);
             },
             [this](const std::string&) {
                 cover(Fault::compaction, 0, true);
                 trace("a checkpoint");
             },
             [this](CommitTrouble trouble) { noteTrouble(trouble); },
             [this](const std::string& what) { violated(what); }}) {
    mood_.clock = &clock_;
    makeClients();
}

World::~World() {
    posts_.clear();
    for (auto& [number, link] : links_) link->session.reset();
}

// Clients 4 and 5 are the other users of the devices of 0 and 1.
void World::makeClients() {
    Surroundings& around = *this;
    for (std::size_t i = 0; i < kClients; ++i) {
        clients_.push_back(std::make_unique<Client>(
            i, kUsers[i], std::vector<std::string>(kChannels.begin(), kChannels.end()), plan_.seed,
            around));
        if (i >= 4) clients_[i]->activate(false);
        wakeIn(i, static_cast<std::int64_t>(network_.below(20'000)));
    }
}

std::int64_t World::wallMs(std::size_t client) const {
    return clock_.wallMs() + clients_[client]->skewMs();
}

void World::trace(const std::string& text) {
    const std::string line = std::to_string(clock_.nowUs()) + " " + text;
    finding_.traceHash = core::stableHash(line, finding_.traceHash);
    if (tracing_) finding_.trace.push_back(line);
}

void World::violated(const std::string& what) {
    if (!finding_.violation.empty()) return;
    trace("VIOLATED " + what);
    finding_.violation = what;
    stopping_ = true;
}

Finding World::run() {
    startServer();
    runFor(200'000);
    for (const Step& step : plan_.steps) {
        if (stopping_) break;
        perform(step);
        runFor(step.waitUs);
    }
    if (!stopping_) heal();
    if (!stopping_) settleAll();
    if (!stopping_) expireAll();
    if (!stopping_) checkAll();
    finding_.opsLanded = truth_.landed();
    return std::move(finding_);
}

void World::perform(const Step& step) {
    trace("step: " + describe(step));
    Client& client = *clients_[step.client % kClients];
    switch (step.act) {
        case Act::edit:
            return client.edit(step.salt, false);
        case Act::batch:
            return client.edit(step.salt, true);
        case Act::giveUp:
            return client.giveUp(step.salt);
        case Act::ask:
            return client.ask(step.salt);
        case Act::reload:
            return client.reload();
        case Act::backup:
            client.saveCopy();
            static_cast<void>(disk_.backup("backup"));
            return;
        case Act::restart:
            if (server_) server_->directory().drain([] {});
            schedule_.in(3'000'000, [this, life = life_] {
                if (life == life_) crash("it restarts");
            });
            return;
        case Act::resolve:
            return resolve(client, *clients_[(step.client + 1) % kClients], step.salt);
        case Act::transport:
            return client.changeTransport(!client.posts());
        case Act::idle:
            return;
        case Act::fault:
            return arm(step);
    }
}

// Often somebody else does so, too, or changes the record just then.
void World::resolve(Client& client, Client& other, std::uint64_t salt) {
    if (salt % 3 == 0) other.editDisputed(salt);
    client.resolve(salt);
    if (salt % 3 == 1) other.resolve(salt);
}

void World::runFor(std::int64_t us) {
    const std::int64_t until = clock_.nowUs() + us;
    do {
        if (stopping_) return;
        afterEvent();
    } while (schedule_.runNext(until));
}

void World::afterEvent() {
    if (++finding_.events > kEventsMax) violated("convergence: it never comes to rest");
    if (disk_.takeDeath()) crash("within a commit");
    sweep();
    noteCommitting();
    fireArmed();
}

// ---- the server

void World::startServer() {
    ++life_;
    trace("the server starts");
    server_ = std::make_unique<Server>(
        Server::Place{installation_, clock_, schedule_, disk_, random_, doorkeeper_, mood_, tuning_,
                      life_, [this](std::uint64_t life, std::int64_t us, core::Task task) {
                          schedule_.in(us, [this, life, task = std::move(task)]() mutable {
                              if (life == life_ && server_) task();
                          });
                      }});
}

// What it had sent may still arrive, up to a point; what was sent to it is lost.
void World::crash(const char* how) {
    if (!server_) return;
    trace(std::string("the server ends: ") + how);
    for (auto& [number, link] : links_) {
        link->session.reset();
        breakLink(*link, network_.below(link->down.size() + 1), true);
    }
    while (!posts_.empty()) losePost(posts_.begin()->first);
    server_.reset();
    ++life_;
    for (Deed& deed : ledger_.all())
        if (deed.phase == Phase::sequenced || deed.phase == Phase::committing)
            ledger_.move(deed, Phase::sent);
    schedule_.in(network_.between(5'000, 400'000), [this, life = life_] {
        if (life == life_) startServer();
    });
}

// ---- the end of a run

void World::heal() {
    trace("everything heals");
    armed_.clear();
    healing_ = true;
    disk_.heal();
    mood_.mood = Moody::Mood::well;
    for (auto& [number, link] : links_) {
        link->upFromUs = link->downFromUs = 0;
        upLater(*link);
        downLater(*link);
    }
    for (const auto& client : clients_) client->changeTransport(false);
    if (doorkeeper_.shutOut.empty()) return;
    doorkeeper_.shutOut.clear();
    for (const auto& client : clients_) client->refreshToken();
}

// Each device's second user gets a turn too.
void World::settleAll() {
    for (const bool second : {true, false}) {
        for (std::size_t i = 0; i < 2; ++i) {
            clients_[i]->activate(!second);
            clients_[i + 4]->activate(second);
        }
        if (!settleActive()) return;
    }
    for (std::size_t i = 4; i < kClients; ++i)
        if (clients_[i]->hasUnsettled()) violated("nothing silent: an op is left in an outbox");
}

// A server that has slept through its clock's jump looks at it again within a minute.
void World::expireAll() {
    const std::int64_t wallMs = clock_.wallMs();
    if (truth_.overdue(wallMs).empty()) return;
    runFor(kLookAgainUs);
    if (!settleActive()) return;
    for (const std::string& conflict : truth_.overdue(std::min(wallMs, clock_.wallMs())))
        violated("nothing silent: " + conflict + " has expired, and stays open");
}

bool World::settleActive() {
    const auto settled = [](const auto& client) {
        return !client->active() || client->isSettled();
    };
    const std::int64_t until = clock_.nowUs() + kSettleUs;
    while (!std::ranges::all_of(clients_, settled)) {
        if (stopping_) return false;
        if (clock_.nowUs() >= until) {
            const auto stuck = std::ranges::find_if_not(clients_, settled);
            violated("convergence: client " +
                     std::to_string(std::distance(clients_.begin(), stuck)) +
                     " never settles: " + (*stuck)->whyNotSettled());
            return false;
        }
        runFor(kSettleStepUs);
    }
    return true;
}

void World::checkAll() {
    for (const auto& client : clients_) {
        if (!client->active()) continue;
        for (const auto& [name, room] : client->rooms()) {
            const Replica* state = truth_.stateOf(name);
            const std::uint64_t digest = state == nullptr ? 0 : state->digest();
            if (room.confirmed.digest() != digest)
                violated("convergence: a client's " + name + " is not what the log gives");
        }
    }
    for (const Deed& deed : ledger_.all())
        if (!deed.settled && !deed.forgotten)
            violated("nothing silent: op " + std::to_string(deed.id) + " of client " +
                     std::to_string(deed.client) + " has no end");
}

}  // namespace syncline::simulation
