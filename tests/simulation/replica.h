// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"

namespace syncline::simulation {

/// Records as somebody sees them who applies effective ops plainly: a client, or whoever looks at
/// the log. Knows nothing of strategies.
class Replica {
public:
    struct Held {
        json::Value value;
        std::uint64_t version = 0;
    };

    /// {key, version, kind, …arguments}. False: it cannot be applied to what is here.
    bool apply(const json::Value& op, std::uint64_t version);

    /// {key, value, version} or {key, version, deleted}.
    void put(const json::Value& record);
    void clear();

    const Held* find(std::string_view key) const;
    const std::map<std::string, Held, std::less<>>& records() const { return records_; }

    /// The same for the same records and versions, however they came about.
    std::uint64_t digest() const { return digest_; }

private:
    void store(const std::string& key, json::Value value, std::uint64_t version);
    void erase(std::string_view key);
    static std::uint64_t digestOf(std::string_view key, const Held& held);

    std::map<std::string, Held, std::less<>> records_;
    std::uint64_t digest_ = 0;
};

/// A plain change of one value: `current` is empty when there is no record. False: it cannot be.
bool applyPlainly(std::optional<json::Value>& current, const json::Value& op);

}  // namespace syncline::simulation
