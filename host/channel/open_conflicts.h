// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "channel/record.h"

namespace syncline::channel {

/// The conflict records of a channel that nobody has resolved, and when they expire. Part of its
/// channel's committed state; follows from the records alone.
class OpenConflicts {
public:
    /// In front of a conflict's id: the key of its record.
    static constexpr std::string_view kPrefix = "$conflict/";
    static bool isKey(std::string_view key) { return key.starts_with(kPrefix); }
    static std::string keyOf(std::string_view id) { return std::string(kPrefix).append(id); }

    /// What the record with that key is now; nullptr: there is none.
    void note(const std::string& key, const Record* record);

    std::size_t size() const { return open_.size(); }

    /// When the next one expires, as Unix time.
    std::optional<std::int64_t> nextDueMs() const;

    /// The keys of those that have expired, at most `max`, the oldest first.
    std::vector<std::string> due(std::int64_t nowMs, std::size_t max) const;

private:
    void forget(const std::string& key);

    std::map<std::string, std::optional<std::int64_t>> open_;
    std::set<std::pair<std::int64_t, std::string>> due_;
};

}  // namespace syncline::channel
