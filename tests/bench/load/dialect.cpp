// SPDX-License-Identifier: Apache-2.0
#include "load/dialect.h"

#include <array>
#include <cstdio>

namespace syncline::bench {

namespace {

std::string clientId(std::size_t client) {
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "bench-client-%019zu", client);
    return text.data();
}

class SynclineDialect final : public Dialect {
public:
    std::string hello(std::size_t client) const override {
        return R"({"type":"hello","id":1,"protocol":1,"client":")" + clientId(client) + "\"}";
    }
    bool isWelcome(std::string_view message) const override {
        return message.starts_with(R"({"type":"welcome")");
    }
    std::string join(std::string_view channel, const std::string& cursor) const override {
        return R"({"type":"subscribe","id":2,"channel":")" + std::string(channel) + '"' +
               (cursor.empty() ? "" : R"(,"cursor":)" + cursor) + '}';
    }
    bool isJoined(std::string_view message) const override {
        return message.starts_with(R"({"type":"live")");
    }
    void ping(std::string& out, std::uint64_t number) const override {
        out = R"({"type":"ping","id":)" + std::to_string(number) + "}";
    }
    bool isPong(std::string_view message) const override {
        return message.starts_with(R"({"type":"pong")");
    }
    void op(std::string& out, const Op& op) const override {
        const std::string number = std::to_string(op.n);
        out = R"({"type":"op","id":)";
        out.append(number).append(R"(,"channel":")").append(op.channel);
        out.append(R"(","key":")").append(op.key).append(R"(","n":)").append(number);
        out.append(R"(,"base":)").append(std::to_string(op.base));
        if (op.done != 0) out.append(R"(,"done":)").append(std::to_string(op.done));
        out.append(R"(,"kind":"merge","value":{")").append(op.field).append(R"(":")");
        out.append(op.value).append("\"}}");
    }
    bool isAck(std::string_view message) const override {
        return message.find(R"("type":"ack")") < 32;
    }
    bool isUpdate(std::string_view message) const override {
        return message.starts_with(R"({"type":"update")");
    }
    bool isError(std::string_view message) const override {
        const std::string_view head = message.substr(0, 48);
        return head.find(R"("type":"error")") != std::string_view::npos ||
               head.find(R"("type":"conflict")") != std::string_view::npos;
    }
};

/// What a WebSocket library with rooms speaks: tests/bench/peers.
class WsDialect final : public Dialect {
public:
    std::string hello(std::size_t client) const override {
        return R"({"t":"hello","client":")" + clientId(client) + "\"}";
    }
    bool isWelcome(std::string_view message) const override {
        return message.starts_with(R"({"t":"welcome")");
    }
    std::string join(std::string_view channel, const std::string&) const override {
        return R"({"t":"join","ch":")" + std::string(channel) + "\"}";
    }
    bool isJoined(std::string_view message) const override {
        return message.starts_with(R"({"t":"joined")");
    }
    void ping(std::string& out, std::uint64_t number) const override {
        out = R"({"t":"ping","id":)" + std::to_string(number) + "}";
    }
    bool isPong(std::string_view message) const override {
        return message.starts_with(R"({"t":"pong")");
    }
    void op(std::string& out, const Op& op) const override {
        out = R"({"t":"op","ch":")";
        out.append(op.channel).append(R"(","cid":)").append(std::to_string(op.n));
        out.append(R"(,"k":")").append(op.key).append(R"(","f":")").append(op.field);
        out.append(R"(","v":")").append(op.value).append("\"}");
    }
    bool isAck(std::string_view message) const override {
        return message.starts_with(R"({"t":"ack")");
    }
    bool isUpdate(std::string_view message) const override {
        return message.starts_with(R"({"t":"op")");
    }
    bool isError(std::string_view) const override { return false; }
};

}  // namespace

std::unique_ptr<Dialect> dialectNamed(std::string_view name) {
    if (name == "syncline") return std::make_unique<SynclineDialect>();
    if (name == "ws") return std::make_unique<WsDialect>();
    return nullptr;
}

}  // namespace syncline::bench
