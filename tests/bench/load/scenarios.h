// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "load/dialect.h"

namespace syncline::bench {

/// One run against one server that is up already.
struct Options {
    std::uint16_t port = 0;
    int pid = 0;
    double seconds = 4;
    double warmUpSeconds = 1;
    std::size_t connections = 100;
    std::size_t inFlight = 16;
    std::size_t channels = 50;
    std::size_t subscribers = 2;  ///< per channel
    std::size_t bytes = 128;      ///< of a payload
    double opsPerSecond = 0;      ///< 0: as many as the server takes
    std::size_t records = 20;     ///< per channel
    std::uint64_t opsBefore = 0;  ///< written before the clock runs
    bool fromStart = false;       ///< who is late has a cursor, at the beginning of the log
};

// Each prints one JSON object on one line, and throws std::runtime_error when the server did
// something else than asked. CPU figures are of the whole server process, in microseconds.

/// Every connection keeps `inFlight` pings under way.
void runPing(const Dialect& dialect, const Options& options);

/// One writer, `subscribers` readers of one channel; at most `inFlight` messages are not yet with
/// all. Checks that each reader gets each message once and in order.
void runFanOut(const Dialect& dialect, const Options& options);

/// `connections` writers over `channels`, and `subscribers` readers per channel who are told of
/// every op. Each writer has `inFlight` ops that are not acknowledged; with `opsPerSecond` one is
/// written whenever it is due, and its latency counts from then.
void runOps(const Dialect& dialect, const Options& options);

/// Fills a channel with `opsBefore` ops over `records` records of `bytes` each; then `connections`
/// clients join it at once, with a snapshot, or with all of the log when `fromStart`.
void runCatchUp(const Dialect& dialect, const Options& options);

/// Opens `connections` sessions and looks at the server while they are silent.
void runIdle(const Dialect& dialect, const Options& options);

}  // namespace syncline::bench
