// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace syncline::conformance {

/// What a component did that the contract forbids, and how often it used each table. Owned by the
/// mock host; every function on any thread.
class Ledger {
public:
    /// Writes a misconduct down, each sentence once.
    void blame(const std::string& misconduct);
    std::vector<std::string> misconduct() const;

    void countUse(const char* table);
    /// How often a function of that table was called.
    std::size_t uses(const std::string& table) const;
    /// The same of all tables but those that read and write JSON.
    std::size_t usesOfServices() const;

private:
    mutable std::mutex mutex_;
    std::vector<std::string> misconduct_;
    std::map<std::string, std::size_t> uses_;
};

}  // namespace syncline::conformance
