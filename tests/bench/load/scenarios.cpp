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
constexpr double kSettleSecondsMax = 10;

/// Connects everybody; `ready` counts those who have said hello and joined `channelOf` (empty:
/// none).
class Audience {
public:
    Audience(Loop& loop, const Dialect& dialect) : loop_(loop), dialect_(dialect) {}

    Client& add(std::size_t number, std::string channel,
                std::function<void(Client&, std::string_view)> onMessage) {
        Client& client = loop_.add();
        client.number = number;
        client.onOpen = [this](Client& opened) { opened.text(dialect_.hello(opened.number)); };
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
            client.text(dialect_.join(channel));
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

namespace {

/// Who writes, one field of one record of its channel at a time. Two writers of a channel change
/// different fields, as forms of a dashboard do: nothing conflicts, and each op is tested for it.
class Writers {
public:
    Writers(Loop& loop, Audience& audience, const Dialect& dialect, const Options& options,
            Figures& figures)
        : loop_(loop), dialect_(dialect), channels_(options.channels), figures_(figures) {
        writers_.resize(options.connections);
        for (std::size_t i = 0; i < writers_.size(); ++i) {
            writers_[i].channel = channelOf(i);
            writers_[i].client = &audience.add(
                i, "", [this](Client& from, std::string_view reply) { take(from, reply); });
        }
    }

    std::string channelOf(std::size_t number) const {
        return "bench:" + std::to_string(number % channels_);
    }

    std::size_t count() const { return writers_.size(); }
    std::size_t waiting() const { return waiting_; }

    /// Queues an op that is due at `dueNs`, from which its latency counts.
    void write(std::size_t number, std::uint64_t dueNs) {
        Writer& writer = writers_[number];
        ++writer.n;
        ++waiting_;
        const std::string key = "record:" + std::to_string(writer.n % kRecords);
        const std::string field =
            "f" + std::to_string(number / channels_ % 2 * kFields / 2 + writer.n % (kFields / 2));
        writer.sent.push_back(dueNs);
        const std::string value = stamped(writer.n, kFieldBytes);
        dialect_.op(message_, {writer.channel, key, field, value, writer.n, writer.seenSeq});
        writer.client->text(message_);
    }

    void flush(std::size_t number) { loop_.flush(*writers_[number].client); }

    /// Called with the number of the writer whose op was acknowledged.
    std::function<void(std::size_t)> onAck;

private:
    static constexpr std::size_t kRecords = 20;
    static constexpr std::size_t kFields = 8;
    static constexpr std::size_t kFieldBytes = 20;

    struct Writer {
        std::string channel;
        Client* client = nullptr;
        std::uint64_t n = 0;
        std::uint64_t seenSeq = 0;
        std::deque<std::uint64_t> sent;
    };

    void take(Client& from, std::string_view reply) {
        if (dialect_.isError(reply)) throw std::runtime_error(std::string(reply));
        if (!dialect_.isAck(reply)) return;
        Writer& writer = writers_[from.number];
        figures_.count(nowNs() - writer.sent.front());
        writer.sent.pop_front();
        --waiting_;
        writer.seenSeq = seqIn(reply);
        if (onAck) onAck(from.number);
    }

    static std::uint64_t seqIn(std::string_view ack) {
        constexpr std::string_view name = R"("seq":)";
        const std::size_t at = ack.find(name);
        std::uint64_t seq = 0;
        if (at == std::string_view::npos) throw std::runtime_error(std::string(ack));
        std::from_chars(ack.data() + at + name.size(), ack.data() + ack.size(), seq);
        return seq;
    }

    Loop& loop_;
    const Dialect& dialect_;
    const std::size_t channels_;
    Figures& figures_;
    std::vector<Writer> writers_;
    std::size_t waiting_ = 0;
    std::string message_;
};

/// Everybody keeps the same number of ops under way.
void writeClosed(Loop& loop, const Options& options, Figures& figures, Writers& writers) {
    writers.onAck = [&](std::size_t number) { writers.write(number, nowNs()); };
    for (std::size_t i = 0; i < writers.count(); ++i) {
        for (std::size_t k = 0; k < options.inFlight; ++k) writers.write(i, nowNs());
        writers.flush(i);
    }
    measure(loop, options, figures);
}

/// An op whenever one is due, whatever has become of those before.
void writePaced(Loop& loop, const Options& options, Figures& figures, Writers& writers) {
    const double everyNs = 1e9 / options.opsPerSecond;
    const std::uint64_t startNs = nowNs();
    std::uint64_t written = 0;
    const auto pump = [&](std::uint64_t untilNs) {
        const std::uint64_t now = nowNs();
        const auto due = static_cast<std::uint64_t>(static_cast<double>(now - startNs) / everyNs);
        for (; written < due; ++written) {
            const std::size_t number = written % writers.count();
            writers.write(number, startNs + static_cast<std::uint64_t>(
                                                static_cast<double>(written) * everyNs));
            writers.flush(number);
        }
        return now >= untilNs;
    };
    const auto ns = [](double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); };
    std::uint64_t untilNs = startNs + ns(options.warmUpSeconds);
    loop.run([&] { return pump(untilNs); });
    figures.begin();
    untilNs = nowNs() + ns(options.seconds);
    loop.run([&] { return pump(untilNs); });
    figures.end();
    untilNs = nowNs() + ns(kSettleSecondsMax);
    loop.run([&] { return writers.waiting() == 0 || nowNs() >= untilNs; });
    if (writers.waiting() != 0) throw std::runtime_error("ops without an answer");
}

}  // namespace

void runOps(const Dialect& dialect, const Options& options) {
    Loop loop(options.port);
    Figures figures(options);
    Audience audience(loop, dialect);
    Writers writers(loop, audience, dialect, options, figures);
    for (std::size_t i = 0; i < options.channels * options.subscribers; ++i)
        audience.add(writers.count() + i, writers.channelOf(i), nullptr);
    audience.assemble();
    if (options.opsPerSecond == 0)
        writeClosed(loop, options, figures, writers);
    else
        writePaced(loop, options, figures, writers);
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
