// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <syncline/plugin/builder.hpp>
#include <syncline/plugin/text.hpp>
#include <syncline/plugin/value.hpp>

namespace syncline {

/// Lines for the server's log; the host adds time, component and thread. Without a log table
/// nothing is written. [any thread]
class Log {
public:
    Log(const syncline_host* host, const syncline_log_table* table) : host_(host), table_(table) {}

    bool enabled(std::int32_t level) const noexcept {
        return table_ != nullptr && table_->enabled(host_, level) != 0;
    }
    void debug(std::string_view line) const noexcept { write(SYNCLINE_LOG_DEBUG, line); }
    void info(std::string_view line) const noexcept { write(SYNCLINE_LOG_INFO, line); }
    void warn(std::string_view line) const noexcept { write(SYNCLINE_LOG_WARN, line); }
    void error(std::string_view line) const noexcept { write(SYNCLINE_LOG_ERROR, line); }

private:
    void write(std::int32_t level, std::string_view line) const noexcept {
        if (table_ != nullptr) table_->write(host_, level, detail::toText(line));
    }

    const syncline_host* host_;
    const syncline_log_table* table_;
};

/// The host's clock, which a test may hold still. [any thread]
class Clock {
public:
    Clock(const syncline_host* host, const syncline_clock_table* table)
        : host_(host), table_(table) {}
    std::int64_t wallMs() const noexcept { return table_->wall_ms(host_); }  ///< Unix time
    std::int64_t steadyMs() const noexcept {
        return table_->steady_ms(host_);
    }  ///< never goes back

private:
    const syncline_host* host_;
    const syncline_clock_table* table_;
};

/// Unpredictable bytes. [any thread]
class Random {
public:
    Random(const syncline_host* host, const syncline_random_table* table)
        : host_(host), table_(table) {}
    void fill(void* bytes, std::size_t size) const noexcept { table_->fill(host_, bytes, size); }

private:
    const syncline_host* host_;
    const syncline_random_table* table_;
};

/// A counter of this instance; adding is [any thread]. One that is default-made counts nothing.
class Counter {
public:
    Counter() = default;
    Counter(const syncline_host* host, const syncline_metrics_table* table, std::uint32_t counter)
        : host_(host), table_(table), counter_(counter) {}
    void add(std::uint64_t by = 1) const noexcept {
        if (table_ != nullptr) table_->add(host_, counter_, by);
    }

private:
    const syncline_host* host_ = nullptr;
    const syncline_metrics_table* table_ = nullptr;
    std::uint32_t counter_ = 0;
};

/// Where counters come from: in configure() or start(). Without a metrics table they count nothing.
class Metrics {
public:
    Metrics(const syncline_host* host, const syncline_metrics_table* table)
        : host_(host), table_(table) {}
    Counter counter(const char* name, const char* help) const {
        if (table_ == nullptr) return {};
        return {host_, table_, table_->counter(host_, name, help)};
    }

private:
    const syncline_host* host_;
    const syncline_metrics_table* table_;
};

/// The instance's own state, as /readyz and the log show it. [any thread]
class Health {
public:
    Health(const syncline_host* host, const syncline_health_table* table)
        : host_(host), table_(table) {}
    void well() const noexcept { report(1, {}); }
    void unwell(std::string_view reason) const noexcept { report(0, reason); }

private:
    void report(std::int32_t well, std::string_view reason) const noexcept {
        if (table_ != nullptr) table_->report(host_, well, detail::toText(reason));
    }

    const syncline_host* host_;
    const syncline_health_table* table_;
};

/// The host as one instance sees it: its tables, looked up once. A table that this header does not
/// find, or finds shorter than it knows it, counts as not offered.
class Host {
public:
    Host() = default;
    explicit Host(const syncline_host* host)
        : host_(host),
          value_(find<syncline_value_table>(SYNCLINE_VALUE_TABLE)),
          builder_(find<syncline_builder_table>(SYNCLINE_BUILDER_TABLE)),
          call_(find<syncline_call_table>(SYNCLINE_CALL_TABLE)),
          auth_(find<syncline_auth_table>(SYNCLINE_AUTH_TABLE)),
          session_(find<syncline_session_table>(SYNCLINE_SESSION_TABLE)),
          channel_(find<syncline_channel_table>(SYNCLINE_CHANNEL_TABLE)),
          broadcast_(find<syncline_broadcast_table>(SYNCLINE_BROADCAST_TABLE)),
          log_(find<syncline_log_table>(SYNCLINE_LOG_TABLE)),
          clock_(find<syncline_clock_table>(SYNCLINE_CLOCK_TABLE)),
          random_(find<syncline_random_table>(SYNCLINE_RANDOM_TABLE)),
          metrics_(find<syncline_metrics_table>(SYNCLINE_METRICS_TABLE)),
          health_(find<syncline_health_table>(SYNCLINE_HEALTH_TABLE)) {}

    const syncline_host* handle() const noexcept { return host_; }

    Value value(const syncline_value* handle) const {
        return {required(value_, SYNCLINE_VALUE_TABLE), handle};
    }
    Builder builder(syncline_builder* handle) const {
        return {builders(), required(value_, SYNCLINE_VALUE_TABLE), handle};
    }
    Document document() const {
        return {host_, builders(), required(value_, SYNCLINE_VALUE_TABLE)};
    }

    Log log() const noexcept { return {host_, log_}; }
    Clock clock() const { return {host_, required(clock_, SYNCLINE_CLOCK_TABLE)}; }
    Random random() const { return {host_, required(random_, SYNCLINE_RANDOM_TABLE)}; }
    Metrics metrics() const noexcept { return {host_, metrics_}; }
    Health health() const noexcept { return {host_, health_}; }

    const syncline_call_table* calls() const { return required(call_, SYNCLINE_CALL_TABLE); }
    const syncline_auth_table* auth() const { return required(auth_, SYNCLINE_AUTH_TABLE); }
    const syncline_session_table* session() const {
        return required(session_, SYNCLINE_SESSION_TABLE);
    }
    const syncline_channel_table* channel() const {
        return required(channel_, SYNCLINE_CHANNEL_TABLE);
    }
    const syncline_broadcast_table* broadcast() const {
        return required(broadcast_, SYNCLINE_BROADCAST_TABLE);
    }

    /// A table that this header does not wrap, or null when the host does not offer it.
    const void* table(const char* id) const { return host_->table(host_, id); }

private:
    template <class Table>
    const Table* find(const char* id) const {
        const auto* table = static_cast<const Table*>(host_->table(host_, id));
        return table != nullptr && table->size >= sizeof(Table) ? table : nullptr;
    }

    const syncline_builder_table* builders() const {
        return required(builder_, SYNCLINE_BUILDER_TABLE);
    }

    template <class Table>
    static const Table* required(const Table* table, const char* id) {
        if (table != nullptr) return table;
        throw std::logic_error(std::string("this host does not offer the table ") + id);
    }

    const syncline_host* host_ = nullptr;
    const syncline_value_table* value_ = nullptr;
    const syncline_builder_table* builder_ = nullptr;
    const syncline_call_table* call_ = nullptr;
    const syncline_auth_table* auth_ = nullptr;
    const syncline_session_table* session_ = nullptr;
    const syncline_channel_table* channel_ = nullptr;
    const syncline_broadcast_table* broadcast_ = nullptr;
    const syncline_log_table* log_ = nullptr;
    const syncline_clock_table* clock_ = nullptr;
    const syncline_random_table* random_ = nullptr;
    const syncline_metrics_table* metrics_ = nullptr;
    const syncline_health_table* health_ = nullptr;
};

}  // namespace syncline
