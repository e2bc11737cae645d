// SPDX-License-Identifier: Apache-2.0
// The part of Client that does without a connection: requests, one at a time.
#include <utility>

#include "simulation/client.h"
#include "simulation/members.h"

namespace syncline::simulation {

namespace {

constexpr std::int64_t kAnswerUs = 12'000'000;

}  // namespace

void Client::changeTransport(bool posts) {
    if (posts_ == posts) return;
    posts_ = posts;
    world_.trace("client " + std::to_string(index_) + (posts ? " posts" : " connects again"));
    reload();
}

bool Client::say(const json::Value& message) {
    if (messages_ == nullptr) return world_.send(index_, message);
    messages_->push(message.clone());
    return true;
}

// What is due goes out, and the cursors ask for what is new: an answer to both comes at once.
void Client::exchange() {
    forgetConnection();
    json::Value messages = json::Value::array();
    json::Value ping = json::Value::object();
    ping.set("type", "ping");
    ping.set("id", ++lastId_);
    messages.push(std::move(ping));
    messages_ = &messages;
    for (auto& [name, room] : rooms_) pump(room);
    messages_ = nullptr;
    json::Value cursors = json::Value::array();
    for (const auto& [name, room] : rooms_) {
        json::Value cursor = json::Value::object();
        cursor.set("channel", name);
        if (room.hasData) {
            cursor.set("epoch", room.epoch);
            cursor.set("seq", room.seq);
            cursor.set("sum", room.sum);
        }
        cursors.push(std::move(cursor));
    }
    json::Value request = json::Value::object();
    request.set("client", id_);
    request.set("messages", std::move(messages));
    request.set("cursors", std::move(cursors));
    exchange_ = world_.post(index_, std::move(request));
    reconnectAtUs_ = world_.nowUs() + kAnswerUs;
    world_.wakeIn(index_, kAnswerUs);
}

// With what it is told it may become somebody else, to whom the rest does not matter.
void Client::onExchanged(std::uint64_t number, const json::Value& answer) {
    if (number != exchange_) return;
    const std::string id = id_;
    for (const json::Value& reply : answer.find("replies")->elements())
        if (id == id_ && number == exchange_) onMessage(reply);
    for (const json::Value& update : answer.find("updates")->elements())
        if (id == id_ && number == exchange_) onMessage(update);
    if (number != exchange_) return;
    exchange_ = 0;
    attempts_ = 0;
    const bool soon = boolOf(answer, "more") || hasUnsettled();
    const std::int64_t pauseUs = dice_.between(1'000, soon ? 20'000 : 400'000);
    reconnectAtUs_ = world_.nowUs() + pauseUs;
    world_.wakeIn(index_, pauseUs);
}

void Client::onNotExchanged(std::uint64_t number) {
    if (number == exchange_) onClosed(0);
}

}  // namespace syncline::simulation
