// SPDX-License-Identifier: Apache-2.0
#include "channel/open_conflicts.h"

#include "channel/conflict_record.h"

namespace syncline::channel {

void OpenConflicts::note(const std::string& key, const Record* record) {
    forget(key);
    if (record == nullptr || record->deleted) return;
    std::optional<std::int64_t> dueMs;
    if (const auto expiry = expiryOf(record->value)) dueMs = expiry->atMs;
    open_.emplace(key, dueMs);
    if (dueMs) due_.emplace(*dueMs, key);
}

void OpenConflicts::forget(const std::string& key) {
    const auto found = open_.find(key);
    if (found == open_.end()) return;
    if (found->second) due_.erase({*found->second, key});
    open_.erase(found);
}

std::optional<std::int64_t> OpenConflicts::nextDueMs() const {
    if (due_.empty()) return std::nullopt;
    return due_.begin()->first;
}

std::vector<std::string> OpenConflicts::due(std::int64_t nowMs, std::size_t max) const {
    std::vector<std::string> keys;
    for (const auto& [dueMs, key] : due_) {
        if (dueMs > nowMs || keys.size() == max) break;
        keys.push_back(key);
    }
    return keys;
}

}  // namespace syncline::channel
