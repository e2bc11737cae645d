// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "load/measured.h"
#include "load/scenarios.h"
#include "load/writers.h"

namespace syncline::bench {

namespace {

constexpr double kSettleSecondsMax = 10;

/// Everybody keeps the same number of ops under way.
void writeClosed(Loop& loop, const Options& options, Figures& figures, Writers& writers) {
    writers.onAck = [&](std::size_t number) { writers.write(number, nowNs()); };
    for (std::size_t i = 0; i < writers.count(); ++i) {
        for (std::size_t k = 0; k < options.inFlight; ++k) writers.write(i, nowNs());
        writers.flush(i);
    }
    // Every channel and record is there before the clock runs.
    if (options.opsBefore != 0) loop.run([&] { return writers.written() >= options.opsBefore; });
    measure(loop, options, figures);
}

/// An op whenever one is due, whatever has become of those before.
void writePaced(Loop& loop, const Options& options, Figures& figures, Writers& writers) {
    const double everyNs = 1e9 / options.opsPerSecond;
    const std::uint64_t startNs = nowNs();
    const auto dueNs = [&](std::uint64_t op) {
        return startNs + static_cast<std::uint64_t>(static_cast<double>(op) * everyNs);
    };
    measure(loop, options, figures, [&] {
        while (dueNs(writers.written()) <= nowNs()) {
            const std::size_t number = writers.written() % writers.count();
            writers.write(number, dueNs(writers.written()));
            writers.flush(number);
        }
    });
    const std::uint64_t untilNs = nowNs() + secondsInNs(kSettleSecondsMax);
    loop.run([&] { return writers.waiting() == 0 || nowNs() >= untilNs; });
    if (writers.waiting() != 0) throw std::runtime_error("ops without an answer");
}

}  // namespace

void runOps(const Dialect& dialect, const Options& options) {
    Loop loop(options.port);
    Figures figures(options);
    Audience audience(loop, dialect);
    Writers writers(loop, audience, dialect, options, figures);
    const std::size_t followed = options.channels * options.subscribers;
    for (std::size_t i = 0; i < followed; ++i)
        audience.add(writers.count() + i, writers.channelOf(i), nullptr);
    audience.assemble();
    if (options.opsPerSecond == 0)
        writeClosed(loop, options, figures, writers);
    else
        writePaced(loop, options, figures, writers);
    figures.print("ops");
}

}  // namespace syncline::bench
