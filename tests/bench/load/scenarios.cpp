// SPDX-License-Identifier: Apache-2.0
#include "load/scenarios.h"

#include <deque>
#include <stdexcept>
#include <vector>

#include "load/audience.h"
#include "load/figures.h"
#include "load/loop.h"
#include "load/measured.h"
#include "load/payload.h"

namespace syncline::bench {

void runPing(const Dialect& dialect, const Options& options) {
    Loop loop(options.port);
    Figures figures(options);
    Audience audience(loop, dialect);
    std::vector<std::deque<std::uint64_t>> sent(options.connections);
    std::string message;
    std::uint64_t number = 1;
    const auto ping = [&](Client& client) {
        sent[client.number].push_back(nowNs());
        dialect.ping(message, ++number);
        client.text(message);
    };
    for (std::size_t i = 0; i < options.connections; ++i) {
        audience.add(i, "", [&](Client& client, std::string_view reply) {
            if (!dialect.isPong(reply))
                throw std::runtime_error("not a pong: " + std::string(reply));
            figures.count(nowNs() - sent[client.number].front());
            sent[client.number].pop_front();
            ping(client);
        });
    }
    audience.assemble();
    for (const auto& client : loop.clients()) {
        for (std::size_t i = 0; i < options.inFlight; ++i) ping(*client);
        loop.flush(*client);
    }
    measure(loop, options, figures);
    figures.print("ping");
}

void runFanOut(const Dialect& dialect, const Options& options) {
    Loop loop(options.port);
    Figures figures(options);
    Audience audience(loop, dialect);
    std::vector<std::uint64_t> lastStamp(options.subscribers, 0);
    std::uint64_t delivered = 0;
    std::uint64_t published = 0;
    for (std::size_t i = 0; i < options.subscribers; ++i) {
        audience.add(i, "bench:fan", [&](Client& client, std::string_view message) {
            if (!dialect.isUpdate(message)) return;
            const std::uint64_t stamp = stampIn(message);
            if (stamp <= lastStamp[client.number]) throw std::runtime_error("out of order");
            lastStamp[client.number] = stamp;
            ++delivered;
            const std::uint64_t now = nowNs();
            figures.count(now - stamp);
        });
    }
    Client& writer = audience.add(options.subscribers, "", nullptr);
    audience.assemble();
    std::string message;
    const auto pump = [&] {
        while (published < delivered / options.subscribers + options.inFlight) {
            const std::string value = stamped(nowNs(), options.bytes);
            dialect.op(message, {"bench:fan", "k", "f", value, ++published});
            writer.text(message);
        }
        loop.flush(writer);
    };
    const auto ns = [](double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); };
    std::uint64_t until = nowNs() + ns(options.warmUpSeconds);
    loop.run([&] { return pump(), nowNs() >= until; });
    figures.begin();
    until = nowNs() + ns(options.seconds);
    loop.run([&] { return pump(), nowNs() >= until; });
    figures.end();
    // Nothing may be missing once it has settled.
    until = nowNs() + ns(10);
    loop.run([&] { return delivered == published * options.subscribers || nowNs() >= until; });
    if (delivered != published * options.subscribers) throw std::runtime_error("deliveries lost");
    figures.print("fanout");
}

void runIdle(const Dialect& dialect, const Options& options) {
    const ServerProcess server(options.pid);
    const long threadsBefore = server.threads();
    const long before = server.residentKb();
    Loop loop(options.port);
    Audience audience(loop, dialect);
    for (std::size_t i = 0; i < options.connections; ++i) audience.add(i, "", nullptr);
    const std::uint64_t start = nowNs();
    audience.assemble();
    const double seconds = static_cast<double>(nowNs() - start) / 1e9;
    const std::uint64_t until = nowNs() + static_cast<std::uint64_t>(options.warmUpSeconds * 1e9);
    loop.run([&] { return nowNs() >= until; });
    std::printf(
        "{\"scenario\":\"idle\",\"connections\":%zu,\"bytesPerConnection\":%.0f,"
        "\"threadsBefore\":%ld,\"threads\":%ld,\"connectsPerSecond\":%.0f}\n",
        options.connections,
        static_cast<double>(server.residentKb() - before) * 1024 /
            static_cast<double>(options.connections),
        threadsBefore, server.threads(), static_cast<double>(options.connections) / seconds);
}

}  // namespace syncline::bench
