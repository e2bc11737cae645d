// SPDX-License-Identifier: Apache-2.0
// What it costs a message to be counted, timed and named in the log's scope, in turn with the same
// loop without it; and what a scrape costs whoever asks.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "observe/distribution.h"
#include "observe/exposition.h"
#include "observe/log_context.h"
#include "observe/number.h"

namespace syncline::bench {
namespace {

/// The figures that one message in a pipeline of two stages touches.
struct Figures {
    struct Stage {
        observe::Number received;
        observe::Number passed;
        observe::Number inFlight;
        observe::Distribution sampledNs;
    };
    observe::Number started;
    Stage stages[2];
};

std::int64_t nowNs() {
    return std::chrono::steady_clock::now().time_since_epoch().count();
}

void pass(Figures& figures, const observe::LogSubject& subject, std::uint32_t& untilSample) {
    figures.started.add(1);
    for (Figures::Stage& stage : figures.stages) {
        stage.received.add(1);
        stage.inFlight.add(1);
        const bool sampled = untilSample-- == 0;
        if (sampled) untilSample = 63;
        const std::int64_t since = sampled ? nowNs() : 0;
        {
            const observe::LogScope scope(subject);
            benchmark::ClobberMemory();
        }
        stage.inFlight.subtract(1);
        stage.passed.add(1);
        if (sampled) stage.sampledNs.record(static_cast<std::uint64_t>(nowNs() - since));
    }
}

void messageUncounted(benchmark::State& state) {
    for (auto _ : state) {
        for (int i = 0; i < 2; ++i) benchmark::ClobberMemory();
    }
}
BENCHMARK(messageUncounted);

void messageCounted(benchmark::State& state) {
    Figures figures;
    const observe::KnownSubject subject({});
    std::uint32_t untilSample = 0;
    for (auto _ : state) pass(figures, subject, untilSample);
}
BENCHMARK(messageCounted);

/// As many series as a server with 40 stages and 8 shards has.
void scrape(benchmark::State& state) {
    const observe::Distribution times;
    std::size_t bytes = 0;
    for (auto _ : state) {
        observe::Exposition page(1'000);
        for (int shard = 0; shard < 8; ++shard) {
            for (int i = 0; i < 40; ++i) {
                const observe::Exposition::Labels labels = {{"stage", std::to_string(i)}};
                page.counter("stage_messages_total", "Messages.", 1, labels);
                page.gauge("stage_in_flight", "Messages now.", 1, labels);
                page.histogram("stage_seconds", "Time.", times.read(), 1e9, labels);
            }
        }
        const std::string text = page.text();
        bytes = text.size();
        benchmark::DoNotOptimize(text.data());
    }
    state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(scrape);

}  // namespace
}  // namespace syncline::bench

BENCHMARK_MAIN();
