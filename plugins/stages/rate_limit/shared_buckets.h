// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

#include "bucket_table.h"

namespace syncline::rate_limit {

/// The buckets of names that are used from several shards: users, addresses and channels. Owned by
/// the stage, called on every shard. A name lives in one of 64 parts, each with a lock of its own,
/// which is held for one look-up: two shards meet only when they are busy with the same part in the
/// same moment.
class SharedBuckets {
public:
    SharedBuckets(const Limit& limit, std::size_t bucketsMax);

    std::int64_t take(std::string_view name, std::int64_t cost, std::int64_t nowNs);
    void giveBack(std::string_view name, std::int64_t cost);

    std::size_t size() const;
    std::uint64_t shared() const;

private:
    static constexpr std::size_t kParts = 64;

    struct alignas(64) Part {
        Part(const Limit& limit, std::size_t bucketsMax) : table(limit, bucketsMax) {}
        mutable std::mutex mutex;
        BucketTable table;
    };

    Part& partOf(std::string_view name);

    std::array<std::unique_ptr<Part>, kParts> parts_;
};

}  // namespace syncline::rate_limit
