// SPDX-License-Identifier: Apache-2.0
#include "load/audience.h"

#include <cstdint>
#include <stdexcept>
#include <utility>

namespace syncline::bench {

namespace {

constexpr double kConnectSecondsMax = 60;

}  // namespace

Client& Audience::add(std::size_t number, std::string channel, OnMessage onMessage) {
    Client& client = loop_.add();
    client.number = number;
    client.onOpen = [this](Client& opened) { opened.text(dialect_.hello(opened.number)); };
    client.onText = [this, channel = std::move(channel), next = std::move(onMessage)](
                        Client& from, std::string_view message) {
        if (dialect_.isWelcome(message)) return welcome(from, channel);
        if (dialect_.isJoined(message)) {
            ++ready_;
            return;
        }
        if (next) next(from, message);
    };
    ++wanted_;
    return client;
}

void Audience::assemble() {
    const std::uint64_t limit = nowNs() + static_cast<std::uint64_t>(kConnectSecondsMax * 1e9);
    loop_.run([&] {
        if (nowNs() > limit) {
            throw std::runtime_error("only " + std::to_string(ready_) + " of " +
                                     std::to_string(wanted_) + " clients are ready");
        }
        return ready_ == wanted_;
    });
}

void Audience::welcome(Client& client, const std::string& channel) {
    if (channel.empty())
        ++ready_;
    else
        client.text(dialect_.join(channel));
}

}  // namespace syncline::bench
