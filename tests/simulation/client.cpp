// SPDX-License-Identifier: Apache-2.0
// The part of Client that connects, subscribes and follows its channels.
#include "simulation/client.h"

#include <algorithm>
#include <utility>

#include "json/write.h"
#include "session/origin.h"
#include "simulation/members.h"

namespace syncline::simulation {

namespace {

constexpr std::int64_t kSilenceUs = 12'000'000;
constexpr std::int64_t kLookUs = 2'000'000;

}  // namespace

Client::Client(std::size_t index, std::string user, std::vector<std::string> channels,
               std::uint64_t seed, Surroundings& world)
    : index_(index),
      user_(std::move(user)),
      dice_(seed, "client " + std::to_string(index)),
      world_(world) {
    for (const std::string& name : channels) rooms_[name].name = name;
    newIdentity();
}

void Client::newIdentity() {
    id_ = core::randomHex(dice_, 16);
    stream_ = channel::StreamId::of({user_, id_, {}});
    origin_ = session::originOf(id_);
}

// ---- its connection

void Client::activate(bool active) {
    if (active == active_) return;
    active_ = active;
    if (active) {
        reconnectAtUs_ = world_.nowUs();
        world_.wakeIn(index_, 1'000);
    } else if (connected_ || exchange_ != 0) {
        world_.disconnect(index_);
        onClosed(0);
    }
}

void Client::reload() {
    if (connected_) world_.disconnect(index_);
    onClosed(0);
}

void Client::forgetConnection() {
    connected_ = false;
    welcome_ = false;
    exchange_ = 0;
    for (auto& [name, room] : rooms_) {
        room.asked = 0;
        room.subscribed = false;
        room.live = false;
        room.chunks.clear();
        for (Pending& op : room.pending) op.onItsWay = false;
    }
}

void Client::onClosed(int) {
    forgetConnection();
    attempts_ = std::min(attempts_ + 1, 6U);
    const std::int64_t pauseUs = dice_.between(1'000, 50'000LL << attempts_);
    reconnectAtUs_ = world_.nowUs() + pauseUs;
    world_.wakeIn(index_, pauseUs);
}

void Client::wake() {
    if (!active_) return;
    const std::int64_t now = world_.nowUs();
    if (!connected_) {
        if (now >= reconnectAtUs_) return posts_ ? exchange() : world_.connect(index_);
        return;
    }
    if (now - lastHeardUs_ > kSilenceUs) {
        world_.disconnect(index_);
        onClosed(0);
        return;
    }
    if (retryAtUs_ != 0 && now >= retryAtUs_) {
        retryAtUs_ = 0;
        resendAll();
    }
    if (now >= lookAtUs_ && now - lastHeardUs_ >= kLookUs && welcome_) {
        json::Value ping = json::Value::object();
        ping.set("type", "ping");
        ping.set("id", ++lastId_);
        world_.send(index_, ping);
    }
    // What was denied is asked for with fresh credentials.
    if (std::ranges::any_of(rooms_, [](const auto& room) { return room.second.denied; }))
        refreshToken();
    for (auto& [name, room] : rooms_)
        if (welcome_ && !room.subscribed && room.asked == 0) subscribe(room);
    lookLater();
}

void Client::lookLater() {
    if (lookAtUs_ > world_.nowUs()) return;
    lookAtUs_ = world_.nowUs() + kLookUs;
    world_.wakeIn(index_, kLookUs);
}

void Client::onConnected() {
    forgetConnection();
    connected_ = true;
    lastHeardUs_ = world_.nowUs();
    json::Value hello = json::Value::object();
    hello.set("type", "hello");
    hello.set("id", ++lastId_);
    hello.set("protocol", 1);
    hello.set("client", id_);
    hello.set("token", user_);
    world_.send(index_, hello);
    lookLater();
}

void Client::refreshToken() {
    if (!welcome_) return;
    json::Value refresh = json::Value::object();
    refresh.set("type", "auth");
    refresh.set("id", ++lastId_);
    refresh.set("token", user_);
    world_.send(index_, refresh);
    for (auto& [name, room] : rooms_) subscribe(room);
}

void Client::subscribe(Room& room) {
    if (posts_) return;  // the cursors of the next request do that
    json::Value ask = json::Value::object();
    ask.set("type", "subscribe");
    ask.set("id", ++lastId_);
    ask.set("channel", room.name);
    if (room.hasData) {
        json::Value cursor = json::Value::object();
        cursor.set("epoch", room.epoch);
        cursor.set("seq", room.seq);
        cursor.set("sum", room.sum);
        ask.set("cursor", std::move(cursor));
    }
    ask.set("done", room.done);
    if (room.bornMs != 0) ask.set("born", room.bornMs);
    room.asked = lastId_;
    room.subscribed = false;
    room.live = false;
    room.chunks.clear();
    world_.send(index_, ask);
}

// ---- what it is told

Room* Client::roomOf(const json::Value& message) {
    const auto found = rooms_.find(std::string(textOf(message, "channel")));
    return found == rooms_.end() ? nullptr : &found->second;
}

void Client::onMessage(const json::Value& message) {
    lastHeardUs_ = world_.nowUs();
    const std::string_view type = textOf(message, "type");
    if (message.contains("time")) toldMs_ = static_cast<std::int64_t>(numberOf(message, "time"));
    if (type == "welcome") {
        welcome_ = true;
        attempts_ = 0;
        for (auto& [name, room] : rooms_) subscribe(room);
        return;
    }
    if (type == "ack" || type == "conflict") return onVerdict(message);
    if (type == "error") return onError(message);
    if (type == "acks") {
        for (const json::Value& result : message.find("results")->elements()) onVerdict(result);
        return;
    }
    if (type == "subscribed") return onSubscribed(message);
    Room* room = roomOf(message);
    // What an older subscription pushes is not for the one that was asked for.
    if (room == nullptr || room->asked != 0 || !room->subscribed) return;
    if (type == "snapshot" && !message.contains("re")) onSnapshot(*room, message);
    if (type == "records") onRecords(*room, message);
    if (type == "update") onUpdate(*room, message);
    if (type == "live") onLive(*room, message);
    if (type == "updates" && !message.contains("re"))
        for (const json::Value& update : message.find("updates")->elements())
            onUpdate(*room, update);
}

void Client::onError(const json::Value& message) {
    const std::uint64_t code = numberOf(message, "code");
    if (message.contains("n")) return onVerdict(message);
    for (auto& [name, room] : rooms_) {
        const bool isAnswer = room.asked != 0 && numberOf(message, "re") == room.asked;
        const bool isPush = !message.contains("re") && textOf(message, "channel") == name;
        if (!isAnswer && !isPush) continue;
        room.asked = 0;
        room.subscribed = false;
        room.live = false;
        if (code >= 1300 && code < 1400) return onDenied(room);
        if (code == 1213) return onForgotten(room, message);
        if (!boolOf(message, "retry"))
            world_.violated("nothing silent: a subscribe is refused: " + json::toText(message));
        return;
    }
    // hello and auth: revoked credentials, or a server that is going.
    if (code >= 1300 && code < 1400 && !welcome_) reload();
}

// Read access has ended: the replica goes, what was sent is voided, all is kept for review.
void Client::onDenied(Room& room) {
    room.denied = true;
    room.hasData = false;
    room.confirmed.clear();
    for (Pending& op : room.pending) {
        if (op.settled) continue;
        review(op);
        if (op.n != 0) op.isVoid = true;
        if (op.n == 0) op.settled = true;
        op.onItsWay = false;
    }
    std::erase_if(room.pending, [](const Pending& op) { return op.settled; });
    pump(room);
}

void Client::onSubscribed(const json::Value& message) {
    Room* room = roomOf(message);
    if (room == nullptr) return;
    const bool isAnswer = message.contains("re");
    if (isAnswer ? numberOf(message, "re") != room->asked : room->asked != 0) return;
    room->asked = 0;
    room->denied = false;
    room->subscribed = true;
    room->live = false;
    room->chunks.clear();
    const std::uint64_t high = numberOf(message, "high");
    if (high > room->assigned) return becomeSomebodyElse("its numbers are ahead of it");
    const std::string_view mode = textOf(message, "mode");
    const bool anew =
        !room->epoch.empty() && (textOf(message, "epoch") != room->epoch || mode == "ahead");
    if (anew) renumber(*room, high);
    // A new epoch that was told, and not written before a crash, was none.
    room->stale = anew;
    // Cursors do not say when a client was born.
    const bool forgotten = posts_ && high == 0 && world_.truth().forgets(room->name, stream_);
    if (!anew && high < room->done && forgotten) return onForgotten(*room, message);
    if (!anew && high < room->done)
        world_.violated("exactly once: high of " + room->name + " is " + std::to_string(high) +
                        ", though " + std::to_string(room->done) + " were settled");
    if (room->epoch.empty()) room->epoch = textOf(message, "epoch");
    pump(*room);
}

// A history that lacks what this one had: the numbers behind its high are free again.
void Client::renumber(Room& room, std::uint64_t high) {
    std::erase_if(room.pending, [](const Pending& op) { return op.settled; });
    std::map<std::uint64_t, std::uint64_t> moved;
    room.assigned = high;
    room.done = std::min(room.done, high);
    for (Pending& op : room.pending) {
        if (op.n == 0 || op.n <= high) continue;
        // Those between may be settled, and gone with the history: numbers have no gaps.
        moved[op.n] = ++room.assigned;
        op.n = room.assigned;
        const auto built = moved.find(op.after);
        if (op.after > high) op.after = built == moved.end() ? 0 : built->second;
        op.onItsWay = false;
        world_.ledger().bind(room.name, stream_, op.n, op.deed, op.after);
    }
}

void Client::onSnapshot(Room& room, const json::Value& message) {
    room.chunks.push_back(message.clone());
    if (boolOf(message, "more")) return;
    std::vector<json::Value> chunks = std::exchange(room.chunks, {});
    const std::uint64_t high = numberOf(message, "high");
    const Replica before = std::exchange(room.confirmed, Replica());
    for (const json::Value& chunk : chunks)
        for (const json::Value& record : chunk.find("records")->elements())
            room.confirmed.put(record);
    room.seq = numberOf(message, "seq");
    room.sum = textOf(message, "sum");
    room.epoch = textOf(message, "epoch");
    room.hasData = true;
    room.stale = false;
    for (Pending& op : room.pending) {
        if (op.n != 0 && op.n <= high) op.shown = false;
        if (op.epoch.empty() || op.epoch == room.epoch || (op.n != 0 && op.n <= high)) continue;
        // Its bases are of another history.
        op.epoch = room.epoch;
        for (json::Value& change : op.changes.elements()) {
            const std::string_view key = change.find("key")->asString();
            const Replica::Held* was = before.find(key);
            const Replica::Held* is = room.confirmed.find(key);
            const bool same = (was == nullptr && is == nullptr) ||
                              (was != nullptr && is != nullptr && was->value == is->value);
            if (change.contains("base")) change.set("base", same ? room.seq : 0);
        }
        Deed& deed = world_.ledger().of(op.deed);
        deed.changes = op.changes.clone();
        deed.rebased = true;
    }
    checkView(room, "a snapshot");
    tidy(room);
    pump(room);
}

void Client::onRecords(Room& room, const json::Value& message) {
    if (numberOf(message, "from") != room.seq + 1)
        world_.violated("order: a span of " + room.name + " from " +
                        std::to_string(numberOf(message, "from")) + " at " +
                        std::to_string(room.seq));
    room.chunks.push_back(message.clone());
    if (boolOf(message, "more")) return;
    for (const json::Value& chunk : std::exchange(room.chunks, {}))
        for (const json::Value& record : chunk.find("records")->elements())
            room.confirmed.put(record);
    room.seq = numberOf(message, "seq");
    room.sum = textOf(message, "sum");
    checkView(room, "a span of records");
    tidy(room);
}

void Client::onUpdate(Room& room, const json::Value& update) {
    const std::uint64_t seq = numberOf(update, "seq");
    if (seq != room.seq + 1) {
        world_.violated("order: update " + std::to_string(seq) + " of " + room.name + " follows " +
                        std::to_string(room.seq));
        return;
    }
    const json::Value* ops = update.find("ops");
    bool applied = true;
    if (ops != nullptr)
        for (const json::Value& op : ops->elements())
            applied = room.confirmed.apply(op, seq) && applied;
    else
        applied = room.confirmed.apply(update, seq);
    if (!applied) world_.violated("convergence: an update cannot be applied plainly");
    room.seq = seq;
    room.sum = textOf(update, "sum");
    checkView(room, "an update");
    const bool isOwn = textOf(update, "origin") == origin_;
    for (Pending& op : room.pending) {
        if (isOwn && op.n != 0 && op.n == numberOf(update, "n")) op.shown = false;
    }
    tidy(room);
}

void Client::onLive(Room& room, const json::Value& message) {
    room.live = true;
    if (numberOf(message, "seq") != room.seq || textOf(message, "sum") != room.sum)
        world_.violated("order: live at another point of " + room.name + " than the data: " +
                        json::toText(message) + " at " + std::to_string(room.seq));
}

void Client::checkView(Room& room, const char* when) {
    if (room.confirmed.digest() == world_.truth().digestAt(room.name, room.seq)) return;
    world_.violated("convergence: with " + std::string(when) + " a client's " + room.name +
                    " at seq " + std::to_string(room.seq) + " is not what the log gives");
}

bool Client::hasUnsettled() const {
    return std::ranges::any_of(rooms_, [](const auto& room) {
        return std::ranges::any_of(room.second.pending,
                                   [](const Pending& op) { return !op.settled; });
    });
}

bool Client::isSettled() const {
    return whyNotSettled().empty();
}

std::string Client::whyNotSettled() const {
    if (!connected_ || !welcome_) return "not connected";
    for (const auto& [name, room] : rooms_) {
        if (!room.live) return name + " is not live";
        if (!room.pending.empty())
            return name + " has " + std::to_string(room.pending.size()) + " pending, n " +
                   std::to_string(room.pending.front().n) +
                   (room.pending.front().settled ? " settled" : "");
        if (room.seq != world_.truth().headOf(name)) return name + " is behind";
    }
    return {};
}

}  // namespace syncline::simulation
