// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>

#include "load/audience.h"
#include "load/payload.h"
#include "load/scenarios.h"
#include "load/server_process.h"

namespace syncline::bench {

namespace {

constexpr const char* kChannel = "bench:late";

/// The text of a member of the first level, as it stands there.
std::string memberIn(std::string_view message, std::string_view name) {
    const std::string start = '"' + std::string(name) + "\":\"";
    const std::size_t at = message.find(start);
    if (at == std::string_view::npos) return {};
    const std::size_t from = at + start.size();
    return std::string(message.substr(from, message.find('"', from) - from));
}

/// Fills the channel: `ops` of them over `records` keys, a value of `bytes` each.
void fill(Loop& loop, const Dialect& dialect, Client& writer, std::uint64_t& acked,
          const Options& options) {
    std::string message;
    std::uint64_t written = 0;
    const std::uint64_t ops = options.opsBefore;
    loop.run([&] {
        while (written < ops && written < acked + options.inFlight) {
            ++written;
            const std::string key = "record:" + std::to_string(written % options.records);
            const std::string value = stamped(written, options.bytes);
            dialect.op(message, {kChannel, key, "f", value, written, acked});
            writer.text(message);
        }
        loop.flush(writer);
        return acked == ops;
    });
}

}  // namespace

void runCatchUp(const Dialect& dialect, const Options& options) {
    const ServerProcess server(options.pid);
    Loop loop(options.port);
    Audience audience(loop, dialect);
    std::uint64_t acked = 0;
    std::string cursor;
    // It has joined the empty channel, so it knows where the channel begins.
    Client& writer = audience.add(0, "", nullptr);
    writer.onText = [&, next = writer.onText](Client& from, std::string_view message) {
        if (dialect.isError(message)) throw std::runtime_error(std::string(message));
        if (dialect.isWelcome(message)) from.text(dialect.join(kChannel, ""));
        if (const std::string sum = memberIn(message, "sum"); !sum.empty() && cursor.empty())
            cursor =
                R"({"epoch":")" + memberIn(message, "epoch") + R"(","seq":0,"sum":")" + sum + "\"}";
        if (dialect.isJoined(message)) next(from, R"({"type":"welcome")");
        if (dialect.isAck(message)) ++acked;
    };
    std::uint64_t bytes = 0;
    std::size_t ready = 0;
    for (std::size_t i = 1; i <= options.connections; ++i) {
        Client& late = audience.add(i, "", nullptr);
        late.onText = [&, next = late.onText](Client& from, std::string_view message) {
            if (dialect.isWelcome(message)) return next(from, message);
            bytes += message.size();
            if (dialect.isJoined(message)) ++ready;
        };
    }
    audience.assemble();
    fill(loop, dialect, writer, acked, options);
    const long before = server.residentKb();
    const double cpu = server.cpuSeconds();
    long most = before;
    const std::uint64_t startNs = nowNs();
    for (const auto& client : loop.clients()) {
        if (client.get() == &writer) continue;
        client->text(dialect.join(kChannel, options.fromStart ? cursor : ""));
        loop.flush(*client);
    }
    loop.run([&] {
        most = std::max(most, server.residentKb());
        return ready == options.connections;
    });
    const double seconds = static_cast<double>(nowNs() - startNs) / 1e9;
    std::printf(
        "{\"scenario\":\"catchup\",\"joins\":%zu,\"msPerJoin\":%.2f,\"mbPerJoin\":%.2f,"
        "\"mbPerSecond\":%.0f,\"serverMsPerJoin\":%.2f,\"residentMbMore\":%.1f}\n",
        options.connections, seconds * 1e3 / static_cast<double>(options.connections),
        static_cast<double>(bytes) / 1e6 / static_cast<double>(options.connections),
        static_cast<double>(bytes) / 1e6 / seconds,
        (server.cpuSeconds() - cpu) * 1e3 / static_cast<double>(options.connections),
        static_cast<double>(most - before) / 1024);
}

}  // namespace syncline::bench
