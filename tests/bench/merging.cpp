// SPDX-License-Identifier: Apache-2.0
// What a merge of one member costs in records from a few members to a hundred thousand, and what it
// costs to merge that many at once.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <utility>

#include "channel/effect.h"
#include "channel/op_kind.h"
#include "channel/record.h"

namespace syncline::bench {
namespace {

std::string members(std::int64_t from, std::int64_t count) {
    std::string text = R"("value":{)";
    for (std::int64_t i = 0; i < count; ++i) {
        if (i != 0) text += ',';
        text += "\"member:" + std::to_string(from + i) + "\":" + std::to_string(i);
    }
    return text + "}";
}

void merge(channel::Record& record, const std::string& text) {
    auto arguments = channel::readArguments(channel::OpKind::merge, text);
    channel::applyPlainly(channel::OpKind::merge, std::move(*arguments), record);
}

void mergeOneInto(benchmark::State& state) {
    channel::Record record;
    merge(record, members(0, state.range(0)));
    std::int64_t member = 0;
    for (auto _ : state) {
        merge(record, members(member, 1));
        member = (member + 7'919) % state.range(0);
    }
}
BENCHMARK(mergeOneInto)->RangeMultiplier(10)->Range(10, 100'000);

void mergeAll(benchmark::State& state) {
    const std::string text = members(0, state.range(0));
    for (auto _ : state) {
        channel::Record record;
        merge(record, text);
        merge(record, text);
    }
    state.counters["ns_per_member"] = benchmark::Counter(
        2.0 * static_cast<double>(state.range(0)),
        benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(mergeAll)->RangeMultiplier(10)->Range(10, 100'000);

}  // namespace
}  // namespace syncline::bench

BENCHMARK_MAIN();
