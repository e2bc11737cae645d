// SPDX-License-Identifier: Apache-2.0
// Log, clock, random, metrics and health: what plugins borrow instead of taking it from globals.
#include <algorithm>
#include <string>

#include "bridge/host_tables.h"
#include "bridge/instance.h"
#include "bridge/plugin_error.h"
#include "json/utf8.h"

namespace syncline::bridge {

namespace {

constexpr std::size_t kLineBytesMax = 8'192;
constexpr std::uint32_t kNoCounter = 0xffffffff;

spdlog::level::level_enum levelOf(std::int32_t level) {
    switch (level) {
        case SYNCLINE_LOG_DEBUG:
            return spdlog::level::debug;
        case SYNCLINE_LOG_INFO:
            return spdlog::level::info;
        case SYNCLINE_LOG_WARN:
            return spdlog::level::warn;
        default:
            return spdlog::level::err;
    }
}

/// One line whatever the plugin, or the client that it quotes, put into it.
std::string toLine(std::string_view text) {
    std::string line(text.substr(0, kLineBytesMax));
    std::replace_if(
        line.begin(), line.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    line.resize(json::invalidUtf8At(line));
    return line;
}

void writeLog(const syncline_host* host, std::int32_t level, syncline_text line) noexcept {
    Instance& instance = Instance::of(host);
    const auto at = levelOf(level);
    if (!instance.runtime().log()->should_log(at)) return;
    instance.runtime().log()->log(at, "{}: {}", instance.name(), toLine(toView(line)));
}

std::int32_t logEnabled(const syncline_host* host, std::int32_t level) noexcept {
    return Instance::of(host).runtime().log()->should_log(levelOf(level)) ? 1 : 0;
}

std::int64_t wallMs(const syncline_host* host) noexcept {
    return Instance::of(host).runtime().clock().wallMs();
}

std::int64_t steadyMs(const syncline_host* host) noexcept {
    return Instance::of(host).runtime().clock().steadyMs();
}

void fillRandom(const syncline_host* host, void* bytes, std::size_t size) noexcept {
    if (bytes == nullptr) return Instance::of(host).conduct().misbehaved("random bytes into null");
    Instance::of(host).runtime().random().fill(static_cast<unsigned char*>(bytes), size);
}

/// What Prometheus takes as a name.
bool isCounterName(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !name.empty() && name.size() <= 100 && (name[0] < '0' || name[0] > '9') &&
           std::all_of(name.begin(), name.end(), fits);
}

std::uint32_t makeCounter(const syncline_host* host, const char* name, const char* help) noexcept {
    Instance& instance = Instance::of(host);
    if (!instance.settingUp()) {
        instance.conduct().misbehaved("a counter was made after the start");
        return kNoCounter;
    }
    if (name == nullptr || !isCounterName(name)) {
        instance.conduct().misbehaved("a counter's name is not of a-z, 0-9 and _");
        return kNoCounter;
    }
    const auto counter = instance.counters().make(name, help == nullptr ? "" : help);
    if (!counter) instance.conduct().misbehaved("more counters than an instance may have");
    return counter.value_or(kNoCounter);
}

void addToCounter(const syncline_host* host, std::uint32_t counter, std::uint64_t by) noexcept {
    // What could not be made has been held against the plugin then.
    if (counter == kNoCounter || Instance::of(host).counters().add(counter, by)) return;
    Instance::of(host).conduct().misbehaved("a counter that was not made was added to");
}

void reportHealth(const syncline_host* host, std::int32_t well, syncline_text reason) noexcept {
    Instance::of(host).reportHealth(well != 0, toLine(toView(reason)));
}

}  // namespace

const syncline_log_table kLogTable = {sizeof(syncline_log_table), 0, &writeLog, &logEnabled};
const syncline_clock_table kClockTable = {sizeof(syncline_clock_table), 0, &wallMs, &steadyMs};
const syncline_random_table kRandomTable = {sizeof(syncline_random_table), 0, &fillRandom};
const syncline_metrics_table kMetricsTable = {sizeof(syncline_metrics_table), 0, &makeCounter,
                                              &addToCounter};
const syncline_health_table kHealthTable = {sizeof(syncline_health_table), 0, &reportHealth};

}  // namespace syncline::bridge
