// SPDX-License-Identifier: Apache-2.0
#include "shared_buckets.h"

#include <functional>

namespace syncline::rate_limit {

SharedBuckets::SharedBuckets(const Limit& limit, std::size_t bucketsMax) {
    for (std::size_t i = 0; i < kParts; ++i) {
        // Rounded up: a small table has room for one name in each part at least.
        parts_[i] = std::make_unique<Part>(limit, (bucketsMax + kParts - 1) / kParts);
    }
}

SharedBuckets::Part& SharedBuckets::partOf(std::string_view name) {
    return *parts_[std::hash<std::string_view>()(name) % kParts];
}

std::int64_t SharedBuckets::take(std::string_view name, std::int64_t cost, std::int64_t nowNs) {
    Part& part = partOf(name);
    const std::lock_guard lock(part.mutex);
    return part.table.take(name, cost, nowNs);
}

void SharedBuckets::giveBack(std::string_view name, std::int64_t cost) {
    Part& part = partOf(name);
    const std::lock_guard lock(part.mutex);
    part.table.giveBack(name, cost);
}

std::size_t SharedBuckets::size() const {
    std::size_t sum = 0;
    for (const auto& part : parts_) {
        const std::lock_guard lock(part->mutex);
        sum += part->table.size();
    }
    return sum;
}

std::uint64_t SharedBuckets::shared() const {
    std::uint64_t sum = 0;
    for (const auto& part : parts_) {
        const std::lock_guard lock(part->mutex);
        sum += part->table.shared();
    }
    return sum;
}

}  // namespace syncline::rate_limit
