// SPDX-License-Identifier: Apache-2.0
#include "syncline/testing/mock_host.h"

#include <algorithm>

namespace syncline::conformance {
namespace {

const void* findTable(const std::string& id) {
    if (id == SYNCLINE_VALUE_TABLE) return &valueTable();
    if (id == SYNCLINE_BUILDER_TABLE) return &builderTable();
    const void* service = serviceTable(id);
    return service != nullptr ? service : callTable(id);
}

}  // namespace

MockHost::MockHost(std::optional<std::set<std::string>> offered)
    : offered_(std::move(offered)),
      host_{sizeof(syncline_host), SYNCLINE_ABI_MAJOR, SYNCLINE_ABI_MINOR, this,
            [](const syncline_host* host, const char* id) -> const void* {
                const auto& mock = *static_cast<const MockHost*>(host->context);
                const bool refused = mock.offered_ && mock.offered_->count(id) == 0;
                return refused ? nullptr : findTable(id);
            }} {}

MockHost& MockHost::of(const syncline_host* host, const char* table) {
    auto& mock = *static_cast<MockHost*>(host->context);
    mock.ledger_.countUse(table);
    if (mock.gone_) mock.ledger_.blame(std::string("used ") + table + " after destroy");
    return mock;
}

const std::vector<std::string>& MockHost::allTables() {
    static const std::vector<std::string> ids = {
        SYNCLINE_VALUE_TABLE,   SYNCLINE_BUILDER_TABLE, SYNCLINE_LOG_TABLE,
        SYNCLINE_CLOCK_TABLE,   SYNCLINE_RANDOM_TABLE,  SYNCLINE_METRICS_TABLE,
        SYNCLINE_HEALTH_TABLE,  SYNCLINE_CALL_TABLE,    SYNCLINE_AUTH_TABLE,
        SYNCLINE_SESSION_TABLE, SYNCLINE_CHANNEL_TABLE, SYNCLINE_BROADCAST_TABLE};
    return ids;
}

std::vector<std::string> MockHost::gapsInTables() {
    // Every table is {size, minor, functions...}.
    struct Head {
        std::uint32_t size;
        std::uint32_t minor;
    };
    using Function = void (*)();
    std::vector<std::string> gaps;
    for (const std::string& id : allTables()) {
        const auto* table = static_cast<const char*>(findTable(id));
        const std::size_t size = reinterpret_cast<const Head*>(table)->size;
        const auto* functions = reinterpret_cast<const Function*>(table + sizeof(Head));
        for (std::size_t i = 0; i < (size - sizeof(Head)) / sizeof(Function); ++i) {
            if (functions[i] == nullptr) gaps.push_back(id + ", function " + std::to_string(i));
        }
    }
    return gaps;
}

std::vector<LogLine> MockHost::log() const {
    const std::lock_guard lock(mutex_);
    return log_;
}

std::vector<std::string> MockHost::lines() const {
    std::vector<std::string> lines;
    for (const LogLine& line : log()) lines.push_back(line.text);
    return lines;
}

std::vector<std::pair<std::string, std::uint64_t>> MockHost::counters() const {
    const std::lock_guard lock(mutex_);
    return counters_;
}

bool MockHost::isWell() const {
    const std::lock_guard lock(mutex_);
    return well_;
}

std::string MockHost::awaitHealth(bool well) {
    std::unique_lock lock(mutex_);
    reported_.wait(lock, [&] { return well_ == well; });
    return reason_;
}

void MockHost::writeLine(std::int32_t level, syncline_text line) {
    std::string text = taken(ledger_, line, "a line for the log");
    const std::lock_guard lock(mutex_);
    log_.push_back({level, std::move(text)});
}

void MockHost::report(bool well, std::string reason) {
    {
        const std::lock_guard lock(mutex_);
        well_ = well;
        reason_ = std::move(reason);
    }
    reported_.notify_all();
}

std::uint32_t MockHost::counter(const char* name, const char* help) {
    if (name == nullptr || *name == '\0' || help == nullptr) {
        ledger_.blame("asked for a counter without a name or help");
        return UINT32_MAX;
    }
    const std::lock_guard lock(mutex_);
    const auto known = std::find_if(counters_.begin(), counters_.end(),
                                    [&](const auto& counter) { return counter.first == name; });
    if (known != counters_.end()) return static_cast<std::uint32_t>(known - counters_.begin());
    counters_.emplace_back(name, 0);
    return static_cast<std::uint32_t>(counters_.size() - 1);
}

void MockHost::addTo(std::uint32_t counter, std::uint64_t by) {
    const std::lock_guard lock(mutex_);
    if (counter >= counters_.size()) return ledger_.blame("added to a counter that nobody made");
    counters_[counter].second += by;
}

void MockHost::fill(void* bytes, std::size_t size) {
    const std::lock_guard lock(mutex_);
    auto* to = static_cast<unsigned char*>(bytes);
    std::generate(to, to + size, [&] { return static_cast<unsigned char>(random_()); });
}

const void* serviceTable(const std::string& id) {
    using Host = const syncline_host*;
    static const syncline_log_table log = {
        sizeof log, 0,
        [](Host host, std::int32_t level, syncline_text line) {
            MockHost::of(host, SYNCLINE_LOG_TABLE).writeLine(level, line);
        },
        [](Host, std::int32_t) { return 1; }};
    static const syncline_clock_table clock = {
        sizeof clock, 0,
        [](Host host) { return MockHost::of(host, SYNCLINE_CLOCK_TABLE).clock().wallMs(); },
        [](Host host) { return MockHost::of(host, SYNCLINE_CLOCK_TABLE).clock().steadyMs(); }};
    static const syncline_random_table random = {
        sizeof random, 0, [](Host host, void* bytes, std::size_t size) {
            MockHost::of(host, SYNCLINE_RANDOM_TABLE).fill(bytes, size);
        }};
    static const syncline_metrics_table metrics = {
        sizeof metrics, 0,
        [](Host host, const char* name, const char* help) {
            return MockHost::of(host, SYNCLINE_METRICS_TABLE).counter(name, help);
        },
        [](Host host, std::uint32_t counter, std::uint64_t by) {
            MockHost::of(host, SYNCLINE_METRICS_TABLE).addTo(counter, by);
        }};
    static const syncline_health_table health = {
        sizeof health, 0, [](Host host, std::int32_t well, syncline_text reason) {
            MockHost& mock = MockHost::of(host, SYNCLINE_HEALTH_TABLE);
            mock.report(well != 0, taken(mock.ledger(), reason, "a report on health"));
        }};
    if (id == SYNCLINE_LOG_TABLE) return &log;
    if (id == SYNCLINE_CLOCK_TABLE) return &clock;
    if (id == SYNCLINE_RANDOM_TABLE) return &random;
    if (id == SYNCLINE_METRICS_TABLE) return &metrics;
    return id == SYNCLINE_HEALTH_TABLE ? &health : nullptr;
}

}  // namespace syncline::conformance
