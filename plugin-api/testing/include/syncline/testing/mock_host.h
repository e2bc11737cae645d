// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "syncline/testing/lending.h"
#include "syncline/testing/mock_calls.h"

namespace syncline::conformance {

/// A clock whose hands the test turns. Any thread.
class VirtualClock {
public:
    std::int64_t wallMs() const { return wallMs_; }
    std::int64_t steadyMs() const { return steadyMs_; }
    void advance(std::int64_t ms) {
        wallMs_ += ms;
        steadyMs_ += ms;
    }

private:
    std::atomic<std::int64_t> wallMs_ = 1'700'000'000'000;
    std::atomic<std::int64_t> steadyMs_ = 1'000;
};

struct LogLine {
    std::int32_t level;
    std::string text;
};

/// The host as one component instance sees it, with all of its extension tables. It does nothing:
/// it writes down what it is asked, holds time and chance still, and blames whatever the contract
/// forbids. Owned by the test, for longer than the component; tables may be used on any thread.
class MockHost {
public:
    /// Offers all tables, or only those of these ids.
    explicit MockHost(std::optional<std::set<std::string>> offered = std::nullopt);
    MockHost(const MockHost&) = delete;
    MockHost& operator=(const MockHost&) = delete;

    const syncline_host* handle() const { return &host_; }
    /// The mock behind a handle; counts the use of that table.
    static MockHost& of(const syncline_host* host, const char* table);
    /// Every id that a mock host can offer.
    static const std::vector<std::string>& allTables();
    /// Names of functions that a table leaves out: none, or the ABI grew and this host did not.
    static std::vector<std::string> gapsInTables();

    Ledger& ledger() { return ledger_; }
    Vault& vault() { return vault_; }
    MockCalls& calls() { return calls_; }
    VirtualClock& clock() { return clock_; }

    std::vector<LogLine> log() const;
    std::vector<std::string> lines() const;
    /// Name and value of each counter, in the order in which they were made.
    std::vector<std::pair<std::string, std::uint64_t>> counters() const;
    bool isWell() const;
    /// Waits for a report of that kind; answers its reason. One that never comes hangs the test.
    std::string awaitHealth(bool well);

    /// From now on every use is misconduct: the component has been destroyed.
    void forgetComponent() { gone_ = true; }

    // ---- What the tables do ----
    void writeLine(std::int32_t level, syncline_text line);
    void report(bool well, std::string reason);
    std::uint32_t counter(const char* name, const char* help);
    void addTo(std::uint32_t counter, std::uint64_t by);
    void fill(void* bytes, std::size_t size);

private:
    const std::optional<std::set<std::string>> offered_;
    syncline_host host_;
    Ledger ledger_;
    Vault vault_{ledger_};
    MockCalls calls_{vault_};
    VirtualClock clock_;
    std::atomic<bool> gone_ = false;

    mutable std::mutex mutex_;
    std::condition_variable reported_;
    std::vector<LogLine> log_;
    std::vector<std::pair<std::string, std::uint64_t>> counters_;
    std::mt19937_64 random_{20};
    bool well_ = true;
    std::string reason_;
};

/// The tables that are no JSON: log, clock, random, metrics, health; call, auth, session, channel,
/// broadcast.
const void* serviceTable(const std::string& id);
const void* callTable(const std::string& id);

}  // namespace syncline::conformance
