// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "channel/stream_id.h"
#include "json/value.h"
#include "simulation/coverage.h"
#include "simulation/dice.h"
#include "simulation/ledger.h"
#include "simulation/replica.h"
#include "simulation/truth.h"

namespace syncline::simulation {

/// What a client needs of the world.
class Surroundings {
public:
    virtual ~Surroundings() = default;
    virtual void connect(std::size_t client) = 0;
    virtual void disconnect(std::size_t client) = 0;
    /// On the newest connection; false: there is none.
    virtual bool send(std::size_t client, const json::Value& message) = 0;
    /// A request of its own: {client, messages, cursors}. Answers its number; what comes of it is
    /// told with that.
    virtual std::uint64_t post(std::size_t client, json::Value request) = 0;
    virtual void wakeIn(std::size_t client, std::int64_t us) = 0;
    virtual std::int64_t nowUs() const = 0;
    virtual std::int64_t wallMs(std::size_t client) const = 0;
    virtual void trace(const std::string& text) = 0;
    virtual void violated(const std::string& what) = 0;
    virtual void met(Ending ending) = 0;
    virtual Ledger& ledger() = 0;
    virtual Truth& truth() = 0;
};

/// One op that is not over: in the outbox, in the optimistic view, or both.
struct Pending {
    std::uint64_t deed = 0;
    json::Value changes;         ///< as they are sent: {key, kind, …, base?}
    std::string epoch;           ///< that its bases are of
    std::uint64_t n = 0;         ///< 0: never sent
    std::uint64_t after = 0;     ///< n of the op that it builds on
    bool isVoid = false;         ///< given up: only its number is to be consumed
    bool onItsWay = false;       ///< sent on the present connection, or with the present request
    bool connected = false;      ///< was ever sent on a connection
    bool posted = false;         ///< was ever posted
    bool settled = false;        ///< its verdict is known
    bool shown = true;           ///< in the optimistic view
    std::uint64_t ackedSeq = 0;  ///< where it took effect, once that is known
};

/// A client's side of one channel. All of it is in its storage, but for what says so.
struct Room {
    std::string name;
    std::string epoch;
    std::uint64_t seq = 0;
    std::string sum;
    bool hasData = false;
    bool stale = false;  ///< what it has is of a history that is no more
    Replica confirmed;
    std::deque<Pending> pending;
    std::uint64_t assigned = 0;  ///< the last n
    std::uint64_t done = 0;
    std::int64_t bornMs = 0;
    std::int64_t bornMsMin = 0;  ///< from when on the server knows a new client to be new

    // Not stored.
    std::uint64_t asked = 0;  ///< id of the subscribe that is not answered; 0: none
    bool subscribed = false;
    bool live = false;
    bool denied = false;
    std::vector<json::Value> chunks;  ///< of a snapshot or span under way
};

/// The reference client: what docs/protocol.md tells a client to do, in the order in which it says
/// it. Optimistic view, durable outbox, rebase by plain application, resending, new epochs.
class Client {
public:
    Client(std::size_t index, std::string user, std::vector<std::string> channels,
           std::uint64_t seed, Surroundings& world);

    // Its user.
    void edit(std::uint64_t salt, bool batch);
    /// A record that a conflict is about.
    void editDisputed(std::uint64_t salt);
    void resolve(std::uint64_t salt);
    void giveUp(std::uint64_t salt);
    void ask(std::uint64_t salt);

    // Its connection.
    void onConnected();
    void onMessage(const json::Value& message);
    void onClosed(int code);
    void wake();
    void onExchanged(std::uint64_t number, const json::Value& answer);
    void onNotExchanged(std::uint64_t number);

    // What happens to it.
    void activate(bool active);
    void reload();
    /// Requests from here on, or a connection again.
    void changeTransport(bool posts);
    void resendAll();
    void loseStorage(std::uint64_t salt);
    void saveCopy();
    void refreshToken();
    void skewClock(std::int64_t ms) { skewMs_ += ms; }

    bool active() const { return active_; }
    bool connected() const { return connected_; }
    bool posts() const { return posts_; }
    const std::string& user() const { return user_; }
    const std::string& id() const { return id_; }
    channel::StreamId stream() const { return stream_; }
    std::int64_t skewMs() const { return skewMs_; }
    std::map<std::string, Room>& rooms() { return rooms_; }

    /// Nothing of its own is unsettled, and it sees all that there is.
    bool isSettled() const;
    std::string whyNotSettled() const;
    bool hasUnsettled() const;

private:
    struct Stored {
        std::string id;
        std::map<std::string, std::uint64_t> assigned;
        std::map<std::string, std::string> epochs;  ///< that those numbers are of
        std::map<std::string, std::int64_t> bornMs;
        std::map<std::string, std::vector<std::pair<std::uint64_t, std::uint64_t>>>
            unsettled;  ///< n and deed
    };

    // client_ops.cpp
    std::optional<json::Value> view(const Room& room, const std::string& key) const;
    json::Value changeOf(Room& room, const std::string& key, Dice& dice);
    /// The keys of conflict records, and where they are.
    std::vector<std::pair<Room*, std::string>> openConflicts();
    bool takesMore(const Room& room) const;
    /// `shown`: it is foreseen what it does.
    void add(Room& room, json::Value changes, bool shown);
    void pump(Room& room);
    void sendOp(Room& room, Pending& op);
    void assign(Room& room, Pending& op);
    void onVerdict(const json::Value& message);
    void onUnsettled(Room& room, Pending& op, const json::Value& message);
    void settle(Room& room, Pending& op, const json::Value& message);
    void tidy(Room& room);
    void review(Pending& op);
    void becomeSomebodyElse(const std::string& why);
    void onForgotten(Room& room, const json::Value& message);
    void retrySoon(std::int64_t us);

    // client_posting.cpp
    bool say(const json::Value& message);
    void exchange();

    // client.cpp
    void forgetConnection();
    void lookLater();
    void subscribe(Room& room);
    void onSubscribed(const json::Value& message);
    void onDenied(Room& room);
    void renumber(Room& room, std::uint64_t high);
    void onSnapshot(Room& room, const json::Value& message);
    void onRecords(Room& room, const json::Value& message);
    void onUpdate(Room& room, const json::Value& update);
    void onLive(Room& room, const json::Value& message);
    void onError(const json::Value& message);
    void checkView(Room& room, const char* when);
    void newIdentity();
    Room* roomOf(const json::Value& message);

    const std::size_t index_;
    const std::string user_;
    Dice dice_;
    Surroundings& world_;
    std::string id_;
    channel::StreamId stream_;
    std::string origin_;
    std::map<std::string, Room> rooms_;
    std::optional<Stored> copy_;
    std::int64_t skewMs_ = 0;
    std::uint64_t edits_ = 0;

    bool active_ = true;
    bool connected_ = false;  ///< there is a connection
    bool welcome_ = false;
    bool posts_ = false;
    std::uint64_t exchange_ = 0;       ///< the request that is under way; 0: none
    json::Value* messages_ = nullptr;  ///< of the request that is being made
    std::uint64_t lastId_ = 0;
    std::int64_t lastHeardUs_ = 0;
    std::int64_t reconnectAtUs_ = 0;
    std::int64_t retryAtUs_ = 0;
    std::int64_t lookAtUs_ = 0;
    std::int64_t toldMs_ = 0;  ///< the server's time as last told
    unsigned attempts_ = 0;
};

}  // namespace syncline::simulation
