// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "simulation/client.h"
#include "simulation/clock.h"
#include "simulation/coverage.h"
#include "simulation/disk.h"
#include "simulation/ledger.h"
#include "simulation/link.h"
#include "simulation/plan.h"
#include "simulation/post.h"
#include "simulation/server.h"
#include "simulation/truth.h"

namespace syncline::simulation {

/// What became of a run.
struct Finding {
    std::string violation;  ///< empty: every promise was kept
    std::uint64_t traceHash = 0;
    std::size_t events = 0;
    std::size_t opsLanded = 0;
    std::size_t faults = 0;
    Coverage coverage;
    std::vector<std::string> trace;  ///< if asked for
};

/// Everything in one run: clients, network, server, disk and time, on one thread. Does what the
/// plan says, lets everything heal, and holds what is there against the five promises; most of it
/// is checked all the time.
class World final : private Surroundings {
public:
    World(Installation& installation, const Plan& plan, bool tracing);
    ~World() override;

    Finding run();

private:
    /// A fault that waits for its moment.
    struct Armed {
        Step step;
        std::size_t eventsLeft = 0;
    };

    // Surroundings
    void connect(std::size_t client) override;
    void disconnect(std::size_t client) override;
    bool send(std::size_t client, const json::Value& message) override;
    std::uint64_t post(std::size_t client, json::Value request) override;
    void wakeIn(std::size_t client, std::int64_t us) override;
    std::int64_t nowUs() const override { return clock_.nowUs(); }
    std::int64_t wallMs(std::size_t client) const override;
    void trace(const std::string& text) override;
    void violated(const std::string& what) override;
    void met(Ending ending) override { finding_.coverage.count(ending); }
    Ledger& ledger() override { return ledger_; }
    Truth& truth() override { return truth_; }

    // world.cpp
    void makeClients();
    void perform(const Step& step);
    void resolve(Client& client, Client& other, std::uint64_t salt);
    void runFor(std::int64_t us);
    void afterEvent();
    void startServer();
    void crash(const char* how);
    void heal();
    void settleAll();
    void expireAll();
    bool settleActive();
    void checkAll();

    // world_network.cpp
    Link* linkOf(std::uint64_t number);
    Link* newest(std::size_t client);
    void upLater(Link& link);
    void downLater(Link& link);
    void arriveUp(Link& link);
    void arriveDown(Link& link);
    void noteTaken(const channel::StreamId& stream, const json::Value& message);
    void checkTold(const channel::StreamId* stream, const json::Value& message);
    void onDown(Link& link, std::string_view text);
    void onChange(Link& link);
    void endSession(Link& link);
    void breakLink(Link& link, std::size_t arriving, bool clientKnows);
    void sweep();

    // world_posts.cpp
    Post* postOf(std::uint64_t number);
    void arrivePost(std::uint64_t number);
    void onOutcome(std::uint64_t number, gateway::RequestOutcome& outcome);
    std::unique_ptr<Post> takePost(std::uint64_t number);
    void losePost(std::uint64_t number);

    // world_faults.cpp
    void arm(const Step& step);
    void fireArmed();
    void fire(const Step& step);
    bool hasTarget(const Step& step);
    void strike(const Step& step, Client& client, Dice& dice);
    void cover(Fault fault, std::size_t client, bool everybody);
    void noteCommitting();
    void noteTrouble(CommitTrouble trouble);
    void reorder(std::size_t client, Dice& dice);
    void failDisk(Dice& dice);
    void restore();
    void revoke(const std::string& user, Dice& dice);
    void compact();
    void age(Dice& dice);
    void spoilStrategies(Dice& dice);
    void changeUser(std::size_t client);

    const Plan plan_;
    const bool tracing_;
    Installation& installation_;
    VirtualClock clock_;
    Schedule schedule_{clock_};
    Dice random_;
    Dice network_;
    const Tuning tuning_;
    Ledger ledger_;
    Truth truth_;
    Disk disk_;
    Doorkeeper doorkeeper_;
    Moody::Shared mood_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::map<std::uint64_t, std::unique_ptr<Link>> links_;
    std::map<std::uint64_t, std::unique_ptr<Post>> posts_;
    std::uint64_t lastLink_ = 0;  ///< or the last of the requests
    std::unique_ptr<Server> server_;
    std::uint64_t life_ = 0;
    std::vector<Armed> armed_;
    bool stopping_ = false;
    bool healing_ = false;
    Finding finding_;
};

}  // namespace syncline::simulation
