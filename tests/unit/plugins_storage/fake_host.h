// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

namespace syncline::test {

/// A flat configuration: what a storage takes behind `with:`.
using Config = std::map<std::string, std::variant<double, std::string>>;

/// The C side of a host, as much as a storage backend uses of it. Remembers what was reported.
class FakeHost {
public:
    FakeHost();
    FakeHost(const FakeHost&) = delete;
    FakeHost& operator=(const FakeHost&) = delete;

    const syncline_host* handle() const { return &host_; }

    /// Waits for a report of that kind; answers its reason. A test that never gets one times out.
    std::string awaitHealth(bool well);

    std::vector<std::string> lines() const;

private:
    friend struct FakeTables;
    void report(bool well, std::string reason);

    syncline_host host_;
    mutable std::mutex mutex_;
    std::condition_variable reported_;
    bool well_ = true;
    std::string reason_;
    std::vector<std::string> lines_;
};

/// The configuration as the value that a component reads; borrows the config.
const syncline_value* asValue(const Config& config);

}  // namespace syncline::test
