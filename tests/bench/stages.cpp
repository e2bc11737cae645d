// SPDX-License-Identifier: Apache-2.0
// What the shipped stages cost a message: each is run through the real bridge, in turn with the
// same pipeline without it. The difference is the stage.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "support/stage_world.h"

namespace syncline::bench {
namespace {

using tests::StageWorld;

constexpr const char* kUser = R"({"user":"ann","roles":["editor","qa"],"claims":{"team":"blue"}})";

/// An op of some 150 bytes, as they come from forms.
constexpr const char* kSet =
    R"({"type":"op","id":7,"channel":"shop:17","n":12,"key":"item:4711","kind":"set","value":)"
    R"({"name":"Coffee","price":4.5,"stock":12,"tags":["drink","hot"],"text":"Black, strong"}})";
constexpr const char* kMerge =
    R"({"type":"op","id":7,"channel":"shop:17","n":12,"key":"item:4711","kind":"merge","value":)"
    R"({"price":4.5,"stock":12}})";

std::string limitsOf(const std::string& limits) {
    return "{" + limits + R"(,"costs":{},"exempt_roles":[],"buckets_max":100000})";
}

constexpr const char* kPlenty = R"({"rate":"1000000000/s","burst":1000000000})";

std::string oneLimit() {
    return limitsOf(std::string(R"("per_connection":)") + kPlenty);
}

std::string fourLimits() {
    std::string limits;
    for (const char* name : {"per_connection", "per_user", "per_address", "per_channel"}) {
        limits += std::string(limits.empty() ? "" : ",") + "\"" + name + "\":" + kPlenty;
    }
    return limitsOf(limits);
}

/// So many rules that do not match, and one that does.
std::string rules(int before, const std::string& last) {
    std::string list;
    for (int i = 0; i < before; ++i) {
        list += R"({"role":"admin","channel":"other-)" + std::to_string(i) + R"(:*","allow":[]},)";
    }
    return R"({"rules":[)" + list + last +
           R"(],"default":"deny","read":["get"],"write":["op"],"open":[],"send":[],"paths_max":256})";
}

const char* const kAllow = R"({"channel":"shop:*","key":"item:*","allow":["read","write"]})";
const char* const kFields = R"({"channel":"shop:*","field":"/owner","allow":[]},)"
                            R"({"channel":"shop:*","key":"item:*","allow":["write"]})";

std::string schemaOf() {
    return R"({"records":[{"channel":"shop:*","key":"item:*","schema":{"type":"object",
        "required":["name","price"],"additionalProperties":false,"properties":{
        "name":{"type":"string","minLength":1,"maxLength":80},"price":{"type":"number","minimum":0},
        "stock":{"type":"integer"},"text":{"type":"string","maxLength":2000},
        "tags":{"type":"array","maxItems":20,"items":{"type":"string","maxLength":20}}}}}],
        "otherwise":"pass","pattern_bytes_max":1024,"unique_items_max":256})";
}

/// Processor time of this thread: others on the machine do not count, nor does the thread with
/// which a stage writes.
std::int64_t cpuNs() {
    timespec now = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// Messages that take turns, so that neither way has the better half of the run.
constexpr int kTurn = 64;

void measure(benchmark::State& state, const char* plugin, const std::string& config,
             const char* message) {
    const core::SystemClock time;
    StageWorld world(plugin, config, 1, &time);
    if (!world.fault.empty()) return state.SkipWithError(world.fault.c_str());
    world.caller.is(kUser);
    const json::Value body = tests::parsedJson(message);
    double withNs = 0;
    double withoutNs = 0;
    std::vector<wire::ClientMessage> messages;
    messages.reserve(kTurn);
    const auto turn = [&](auto&& pass) {
        messages.clear();
        for (int i = 0; i < kTurn; ++i) messages.push_back(StageWorld::clientMessage(body));
        const std::int64_t from = cpuNs();
        for (wire::ClientMessage& each : messages) {
            if (!pass(std::move(each))) state.SkipWithError("a message was refused");
        }
        return static_cast<double>(cpuNs() - from) / kTurn;
    };
    for (auto _ : state) {
        withoutNs += turn([&](auto&& each) { return world.passNothing(std::move(each)); });
        withNs += turn([&](auto&& each) { return world.pass(std::move(each)); });
    }
    const auto turns = static_cast<double>(state.iterations());
    state.counters["without_us"] = withoutNs / turns / 1'000;
    state.counters["with_us"] = withNs / turns / 1'000;
    state.counters["stage_us"] = (withNs - withoutNs) / turns / 1'000;
}

const bool registered = [] {
    const auto add = [](const char* name, const char* plugin, std::string config,
                        const char* message) {
        benchmark::RegisterBenchmark(name,
                                     [plugin, config = std::move(config), message](auto& state) {
                                         measure(state, plugin, config, message);
                                     });
    };
    add("rate_limit/connection", PLUGIN_RATE_LIMIT, oneLimit(), kSet);
    add("rate_limit/all_four", PLUGIN_RATE_LIMIT, fourLimits(), kSet);
    add("acl/one_rule", PLUGIN_ACL, rules(0, kAllow), kSet);
    add("acl/rule_20", PLUGIN_ACL, rules(19, kAllow), kSet);
    add("acl/fields_merge", PLUGIN_ACL, rules(0, kFields), kMerge);
    add("schema/set", PLUGIN_SCHEMA, schemaOf(), kSet);
    add("schema/merge", PLUGIN_SCHEMA, schemaOf(), kMerge);
    add("event_log/dev_null", PLUGIN_EVENT_LOG,
        R"({"path":"/dev/null","rotate_bytes":"1024GiB","files_max":1,"queue_bytes_max":"64MiB",)"
        R"("line_bytes_max":"16KiB","body":true,"omit":["token","client"]})",
        kSet);
    return true;
}();

}  // namespace
}  // namespace syncline::bench

BENCHMARK_MAIN();
