// SPDX-License-Identifier: Apache-2.0
#include "load/writers.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "load/payload.h"

namespace syncline::bench {

namespace {

constexpr std::size_t kFields = 8;
constexpr std::size_t kFieldBytes = 20;

/// The server keeps outcomes until it hears that they are settled.
constexpr std::uint64_t kOpsPerDone = 500;

std::uint64_t seqIn(std::string_view ack) {
    constexpr std::string_view name = R"("seq":)";
    const std::size_t at = ack.find(name);
    std::uint64_t seq = 0;
    if (at == std::string_view::npos) throw std::runtime_error(std::string(ack));
    std::from_chars(ack.data() + at + name.size(), ack.data() + ack.size(), seq);
    return seq;
}

}  // namespace

Writers::Writers(Loop& loop, Audience& audience, const Dialect& dialect, const Options& options,
                 Figures& figures)
    : loop_(loop), dialect_(dialect), options_(options), figures_(figures) {
    writers_.resize(options.connections);
    const std::size_t rows = std::max<std::size_t>(1, options.channels / options.connections);
    for (std::size_t i = 0; i < writers_.size(); ++i) {
        writers_[i].rows.resize(rows);
        writers_[i].client = &audience.add(
            i, "", [this](Client& from, std::string_view reply) { take(from, reply); });
    }
}

std::string Writers::channelOf(std::size_t number) const {
    return "bench:" + std::to_string(number % options_.channels);
}

void Writers::write(std::size_t number, std::uint64_t dueNs) {
    Writer& writer = writers_[number];
    const std::size_t place = writer.ops++ % writer.rows.size();
    Row& row = writer.rows[place];
    ++row.n;
    ++waiting_;
    ++written_;
    const std::string channel = channelOf(number + place * writers_.size());
    const std::string key = "record:" + std::to_string(row.n % options_.records);
    const std::size_t half = number / options_.channels % 2;
    const std::string field = "f" + std::to_string(half * kFields / 2 + row.n % (kFields / 2));
    const bool says = writer.rows.size() == 1 && row.n % kOpsPerDone == 0;
    const std::uint64_t done = says ? row.n - 1 - writer.sent.size() : 0;
    writer.sent.push_back(dueNs);
    const std::string value = stamped(row.n, kFieldBytes);
    dialect_.op(message_, {channel, key, field, value, row.n, row.seenSeq, done});
    writer.client->text(message_);
}

// Answers of different channels may overtake each other by a commit, so only a writer of one
// channel knows which op this is. The others build on nothing: nobody else writes where they do.
void Writers::take(Client& from, std::string_view reply) {
    if (dialect_.isError(reply)) throw std::runtime_error(std::string(reply));
    if (!dialect_.isAck(reply)) return;
    Writer& writer = writers_[from.number];
    figures_.count(nowNs() - writer.sent.front());
    writer.sent.pop_front();
    --waiting_;
    if (writer.rows.size() == 1) writer.rows.front().seenSeq = seqIn(reply);
    if (onAck) onAck(from.number);
}

}  // namespace syncline::bench
