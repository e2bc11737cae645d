// SPDX-License-Identifier: Apache-2.0
// The part of Client that makes ops, sends them and settles them.
#include <algorithm>
#include <utility>

#include "channel/open_conflicts.h"
#include "json/write.h"
#include "simulation/client.h"
#include "simulation/disputes.h"
#include "simulation/edits.h"
#include "simulation/members.h"

namespace syncline::simulation {

namespace {

constexpr std::size_t kInFlightMax = 8;
constexpr std::size_t kPendingMax = 40;

bool touches(const Pending& op, std::string_view key) {
    return std::ranges::any_of(op.changes.elements(), [key](const json::Value& change) {
        return change.find("key")->asString() == key;
    });
}

}  // namespace

// ---- its user

std::optional<json::Value> Client::view(const Room& room, const std::string& key) const {
    std::optional<json::Value> value;
    if (const Replica::Held* held = room.confirmed.find(key)) value = held->value.clone();
    for (const Pending& op : room.pending) {
        if (!op.shown || op.isVoid) continue;
        for (const json::Value& change : op.changes.elements())
            if (change.find("key")->asString() == key) applyPlainly(value, change);
    }
    return value;
}

json::Value Client::changeOf(Room& room, const std::string& key, Dice& dice) {
    json::Value change = chooseChange(dice, key, view(room, key), ++edits_ * 64 + index_);
    change.set("key", key);
    const Replica::Held* held = room.confirmed.find(key);
    if (key.starts_with("clock:")) {
        json::Value hlc = json::Value::array();
        hlc.push(world_.wallMs(index_));
        hlc.push(edits_);
        change.set("hlc", std::move(hlc));
    }
    if (!dice.chance(5)) change.set("base", held != nullptr ? held->version : room.seq);
    return change;
}

void Client::edit(std::uint64_t salt, bool batch) {
    Dice dice(salt, "edit");
    auto at = rooms_.begin();
    std::advance(at, dice.below(rooms_.size()));
    Room& room = at->second;
    if (!takesMore(room)) return;
    json::Value changes = json::Value::array();
    const std::size_t count = batch ? 2 + dice.below(2) : 1;
    for (std::size_t i = 0; i < count; ++i) changes.push(changeOf(room, chooseKey(dice), dice));
    add(room, std::move(changes), true);
}

bool Client::takesMore(const Room& room) const {
    return active_ && !room.denied && room.pending.size() < kPendingMax;
}

std::vector<std::pair<Room*, std::string>> Client::openConflicts() {
    std::vector<std::pair<Room*, std::string>> open;
    for (auto& [name, room] : rooms_)
        for (const auto& [key, held] : room.confirmed.records())
            if (channel::OpenConflicts::isKey(key) && takesMore(room))
                open.emplace_back(&room, key);
    return open;
}

void Client::editDisputed(std::uint64_t salt) {
    Dice dice(salt, "resolve");
    const auto open = openConflicts();
    if (open.empty()) return;
    const auto& [room, name] = open[dice.below(open.size())];
    const std::string key(textOf(room->confirmed.find(name)->value, "key"));
    json::Value changes = json::Value::array();
    changes.push(changeOf(*room, key, dice));
    add(*room, std::move(changes), true);
}

// What comes of it is not foreseen: it is the server's to say which of two wins.
void Client::resolve(std::uint64_t salt) {
    Dice dice(salt, "resolve");
    const auto open = openConflicts();
    if (open.empty()) return;
    const auto& [room, name] = open[dice.below(open.size())];
    const std::string key(textOf(room->confirmed.find(name)->value, "key"));
    const Replica::Held* held = room->confirmed.find(key);
    json::Value change = json::Value::object();
    change.set("kind", kResolve);
    change.set("key", key);
    change.set("conflict", name.substr(channel::OpenConflicts::kPrefix.size()));
    if (!dice.chance(10)) change.set("base", held != nullptr ? held->version : room->seq);
    if (const std::uint64_t drawn = dice.below(3); drawn < 2) {
        change.set("take", drawn == 0 ? "mine" : "theirs");
    } else {
        json::Value& value = change.set("value", json::Value::object());
        value.set("text", ++edits_ * 64 + index_);
    }
    json::Value changes = json::Value::array();
    changes.push(std::move(change));
    add(*room, std::move(changes), false);
}

void Client::add(Room& room, json::Value changes, bool shown) {
    Pending op;
    op.changes = std::move(changes);
    op.shown = shown;
    op.epoch = room.epoch;
    op.deed = world_.ledger().add(index_, room.name, op.changes.clone()).id;
    world_.trace("client " + std::to_string(index_) + " edits " + room.name + " " +
                 json::toText(op.changes));
    room.pending.push_back(std::move(op));
    pump(room);
}

void Client::giveUp(std::uint64_t salt) {
    Dice dice(salt, "give up");
    for (auto& [name, room] : rooms_)
        for (Pending& op : room.pending) {
            if (op.n == 0 || op.settled || op.isVoid || !dice.chance(40)) continue;
            op.isVoid = true;
            op.onItsWay = false;
            world_.ledger().of(op.deed).voided = true;
            world_.trace("client " + std::to_string(index_) + " gives up n " +
                         std::to_string(op.n));
            return pump(room);
        }
}

void Client::ask(std::uint64_t salt) {
    Dice dice(salt, "ask");
    if (!welcome_) return;
    for (auto& [name, room] : rooms_) {
        json::Value ask = json::Value::object();
        const bool reads = dice.chance(50);
        ask.set("type", reads ? "get" : "status");
        ask.set("id", ++lastId_);
        ask.set("channel", name);
        if (!reads) {
            json::Value numbers = json::Value::array();
            for (const Pending& op : room.pending)
                if (op.n != 0) numbers.push(op.n);
            ask.set("n", std::move(numbers));
        }
        world_.send(index_, ask);
    }
}

// ---- sending

void Client::pump(Room& room) {
    // Every other client does not wait to hear where the channel is before it sends.
    const bool eager = (index_ % 2 == 0 || messages_ != nullptr) && room.hasData;
    if (room.stale && !room.denied) return;
    if ((!welcome_ && messages_ == nullptr) ||
        (!eager && !room.denied && (room.asked != 0 || !room.subscribed)))
        return;
    std::size_t inFlight = 0;
    for (Pending& op : room.pending) {
        if (op.settled) continue;
        if (++inFlight > kInFlightMax) return;
        if (op.onItsWay) continue;
        // What was never seen has no base yet: without data there is nothing to build on.
        if (op.n == 0) assign(room, op);
        sendOp(room, op);
    }
}

void Client::assign(Room& room, Pending& op) {
    op.n = ++room.assigned;
    if (room.bornMs == 0) room.bornMs = std::max(toldMs_, room.bornMsMin);
    if (op.epoch.empty()) op.epoch = room.epoch;
    for (const Pending& earlier : room.pending) {
        if (&earlier == &op) break;
        const bool shared = std::ranges::any_of(op.changes.elements(), [&](const auto& change) {
            return touches(earlier, change.find("key")->asString());
        });
        if (shared && !earlier.settled && earlier.n != 0) op.after = earlier.n;
    }
    Deed& deed = world_.ledger().of(op.deed);
    world_.ledger().bind(room.name, stream_, op.n, op.deed, op.after);
    world_.ledger().move(deed, Phase::sent);
}

void Client::sendOp(Room& room, Pending& op) {
    json::Value message = json::Value::object();
    const bool batch = op.changes.size() > 1 && !op.isVoid;
    const bool resolution = !op.isVoid && textOf(op.changes[0], "kind") == kResolve;
    message.set("type", batch ? "batch" : resolution ? "resolve" : "op");
    message.set("id", ++lastId_);
    message.set("channel", room.name);
    message.set("n", op.n);
    message.set("epoch", op.epoch);
    message.set("done", room.done);
    message.set("born", room.bornMs);
    if (op.after != 0) message.set("after", op.after);
    if (op.isVoid) {
        message.set("kind", "void");
    } else if (batch) {
        message.set("atomic", true);
        message.set("ops", op.changes.clone());
    } else {
        for (const json::Member& member : op.changes[0].members())
            message.set(member.key(), member.value.clone());
        if (resolution) message.erase("kind");
    }
    op.onItsWay = say(message);
    (posts_ ? op.posted : op.connected) = true;
}

void Client::resendAll() {
    for (auto& [name, room] : rooms_) {
        for (Pending& op : room.pending) op.onItsWay = false;
        pump(room);
    }
}

void Client::retrySoon(std::int64_t us) {
    if (retryAtUs_ != 0) return;
    retryAtUs_ = world_.nowUs() + us;
    world_.wakeIn(index_, us);
}

// ---- verdicts

void Client::onVerdict(const json::Value& message) {
    Room* room = roomOf(message);
    if (room == nullptr) return;
    const std::uint64_t n = numberOf(message, "n");
    const auto found =
        std::ranges::find_if(room->pending, [n](const Pending& op) { return op.n == n; });
    if (found == room->pending.end() || found->settled) return;
    if (!boolOf(message, "settled")) return onUnsettled(*room, *found, message);
    settle(*room, *found, message);
    tidy(*room);
    pump(*room);
}

void Client::settle(Room& room, Pending& op, const json::Value& message) {
    const std::string_view type = textOf(message, "type");
    op.settled = true;
    if (type == "ack" && numberOf(message, "seq") != 0)
        op.ackedSeq = numberOf(message, "seq");
    else
        op.shown = false;
    if (op.posted) world_.met(op.connected ? Ending::crossed : Ending::posted);
    Deed& deed = world_.ledger().of(op.deed);
    deed.settled = true;
    world_.ledger().move(deed, Phase::acked);
    world_.trace("client " + std::to_string(index_) + " knows " + std::string(type) + " of " +
                 room.name + " n " + std::to_string(op.n));
}

void Client::onUnsettled(Room& room, Pending& op, const json::Value& message) {
    const std::uint64_t code = numberOf(message, "code");
    if (code == 1208) return becomeSomebodyElse("its number was used");
    if (code == 1213) return onForgotten(room, message);
    if (code == 1209) {
        // Another history has begun: what it is comes with the answer.
        op.onItsWay = false;
        if (room.asked == 0) subscribe(room);
        return;
    }
    if (!boolOf(message, "retry"))
        world_.violated("nothing silent: an op is neither settled nor to be sent again: " +
                        json::toText(message));
    op.onItsWay = false;
    retrySoon(dice_.between(20'000, 400'000));
}

// Lets go of what is settled and seen; says `done` of what comes before all that is not.
void Client::tidy(Room& room) {
    for (Pending& op : room.pending)
        if (op.ackedSeq != 0 && op.ackedSeq <= room.seq) op.shown = false;
    for (Pending& op : room.pending) {
        if (!op.settled || op.shown) continue;
        Deed& deed = world_.ledger().of(op.deed);
        if (deed.phase != Phase::live) world_.ledger().move(deed, Phase::live);
    }
    std::uint64_t lowest = room.assigned + 1;
    for (const Pending& op : room.pending)
        if (op.n != 0 && !op.settled) lowest = std::min(lowest, op.n);
    room.done = std::max(room.done, lowest - 1);
    std::erase_if(room.pending, [](const Pending& op) { return op.settled && !op.shown; });
}

// The user decides what becomes of it: nothing that the client does on its own.
void Client::review(Pending& op) {
    Deed& deed = world_.ledger().of(op.deed);
    deed.settled = true;
    deed.voided = true;
    op.shown = false;
    world_.trace("client " + std::to_string(index_) + " reviews n " + std::to_string(op.n));
}

void Client::becomeSomebodyElse(const std::string& why) {
    world_.trace("client " + std::to_string(index_) + " takes a new id: " + why);
    for (auto& [name, room] : rooms_) {
        for (Pending& op : room.pending) {
            if (op.n == 0 || op.settled) continue;
            review(op);
            op.settled = true;
        }
        std::erase_if(room.pending, [](const Pending& op) { return op.settled; });
        room.assigned = 0;
        room.done = 0;
        room.bornMs = 0;
    }
    newIdentity();
    reload();
}

// What became of them nobody knows any more: their user is told so.
void Client::onForgotten(Room& room, const json::Value& message) {
    for (const Pending& op : room.pending)
        if (op.n != 0 && !op.settled) world_.met(Ending::aged);
    if (const json::Value* detail = message.find("detail"))
        room.bornMsMin =
            std::max(room.bornMsMin, static_cast<std::int64_t>(numberOf(*detail, "born")));
    becomeSomebodyElse("its numbers were forgotten");
}

// ---- its storage

void Client::saveCopy() {
    copy_.emplace();
    copy_->id = id_;
    for (const auto& [name, room] : rooms_) {
        copy_->assigned[name] = room.assigned;
        copy_->epochs[name] = room.epoch;
        copy_->bornMs[name] = room.bornMs;
        for (const Pending& op : room.pending)
            if (op.n != 0 && !op.settled) copy_->unsettled[name].emplace_back(op.n, op.deed);
    }
}

void Client::loseStorage(std::uint64_t salt) {
    const bool comesBack = copy_ && copy_->id == id_ && Dice(salt, "lose").chance(50);
    world_.trace("client " + std::to_string(index_) +
                 (comesBack ? " has an older storage" : " has lost its storage"));
    for (auto& [name, room] : rooms_) {
        for (const Pending& op : room.pending) world_.ledger().of(op.deed).forgotten = true;
        room = Room();
        room.name = name;
        if (!comesBack) continue;
        // What was on its way then cannot be read any more: only its numbers are to be consumed.
        for (const auto& [n, deed] : copy_->unsettled[name]) {
            Pending op;
            op.deed = deed;
            op.n = n;
            op.epoch = copy_->epochs[name];
            op.changes = json::Value::array();
            op.isVoid = true;
            op.shown = false;
            world_.ledger().of(deed).voided = true;
            room.pending.push_back(std::move(op));
        }
        room.assigned = copy_->assigned[name];
        room.epoch = copy_->epochs[name];
        room.bornMs = copy_->bornMs[name];
    }
    if (!comesBack) newIdentity();
    reload();
}

}  // namespace syncline::simulation
