// SPDX-License-Identifier: Apache-2.0
#include "load/scenarios.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <stdexcept>
#include <vector>

#include "load/figures.h"
#include "load/loop.h"

namespace syncline::bench {

namespace {

constexpr double kConnectSecondsMax = 60;

/// Connects everybody; `ready` counts those who have said hello and joined `channelOf` (empty:
/// none).
class Audience {
public:
    Audience(Loop& loop, const Dialect& dialect) : loop_(loop), dialect_(dialect) {}

    Client& add(std::size_t number, std::string channel,
                std::function<void(Client&, std::string_view)> onMessage) {
        Client& client = loop_.add();
        client.number = number;
        client.onOpen = [this, channel](Client& opened) {
            const std::string hello = dialect_.hello(opened.number);
            if (!hello.empty()) return opened.text(hello);
            welcome(opened, channel);
        };
        client.onText = [this, channel, next = std::move(onMessage)](Client& from,
                                                                     std::string_view message) {
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

    void assemble() {
        const std::uint64_t limit = nowNs() + static_cast<std::uint64_t>(kConnectSecondsMax * 1e9);
        loop_.run([&] {
            if (nowNs() > limit) {
                throw std::runtime_error("only " + std::to_string(ready_) + " of " +
                                         std::to_string(wanted_) + " clients are ready");
            }
            return ready_ == wanted_;
        });
    }

private:
    void welcome(Client& client, const std::string& channel) {
        if (channel.empty()) {
            ++ready_;
        } else {
            client.text(dialect_.join(channel, client.number));
        }
    }

    Loop& loop_;
    const Dialect& dialect_;
    std::size_t ready_ = 0;
    std::size_t wanted_ = 0;
};

/// Warm-up, then the measured time.
void measure(Loop& loop, const Options& options, Figures& figures) {
    const auto ns = [](double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); };
    std::uint64_t until = nowNs() + ns(options.warmUpSeconds);
    loop.run([&] { return nowNs() >= until; });
    figures.begin();
    until = nowNs() + ns(options.seconds);
    loop.run([&] { return nowNs() >= until; });
    figures.end();
}

/// `@` and 19 digits of nanoseconds, then padding: what a payload begins with.
std::string stamped(std::uint64_t ns, std::size_t bytes) {
    std::string text(std::max<std::size_t>(bytes, 20), 'x');
    text[0] = '@';
    for (std::size_t i = 19; i >= 1; --i) {
        text[i] = static_cast<char>('0' + ns % 10);
        ns /= 10;
    }
    return text;
}

std::uint64_t stampIn(std::string_view message) {
    const std::size_t at = message.find('@');
    std::uint64_t ns = 0;
    if (at == std::string_view::npos || message.size() < at + 20) {
        throw std::runtime_error("a delivery without a stamp: " + std::string(message));
    }
    std::from_chars(message.data() + at + 1, message.data() + at + 20, ns);
    return ns;
}

}  // namespace

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
            dialect.op(message, "bench:fan", "k", "f", stamped(nowNs(), options.bytes),
                       ++published);
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

void runOps(const Dialect& dialect, const Options& options) {
    Loop loop(options.port);
    Figures figures(options);
    Audience audience(loop, dialect);
    struct Writer {
        std::string channel;
        std::uint64_t n = 0;
        std::deque<std::uint64_t> sent;
    };
    std::vector<Writer> writers(options.connections);
    std::string message;
    const auto write = [&](Client& client) {
        Writer& writer = writers[client.number];
        ++writer.n;
        const std::string key = "record:" + std::to_string(writer.n % 20);
        const std::string field = "f" + std::to_string((client.number * 4 + writer.n % 4) % 8);
        writer.sent.push_back(nowNs());
        dialect.op(message, writer.channel, key, field, stamped(writer.n, 20), writer.n);
        client.text(message);
    };
    for (std::size_t i = 0; i < options.connections; ++i) {
        writers[i].channel = "bench:" + std::to_string(i % options.channels);
        audience.add(i, writers[i].channel, [&](Client& client, std::string_view reply) {
            if (dialect.isError(reply)) throw std::runtime_error(std::string(reply));
            if (!dialect.isAck(reply)) return;
            Writer& writer = writers[client.number];
            figures.count(nowNs() - writer.sent.front());
            writer.sent.pop_front();
            write(client);
        });
    }
    for (std::size_t i = 0; i < options.channels * options.subscribers; ++i) {
        audience.add(options.connections + i, "bench:" + std::to_string(i % options.channels),
                     nullptr);
    }
    audience.assemble();
    for (std::size_t i = 0; i < options.connections; ++i) {
        Client& client = *loop.clients()[i];
        for (std::size_t k = 0; k < options.inFlight; ++k) write(client);
        loop.flush(client);
    }
    measure(loop, options, figures);
    figures.print("ops");
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
