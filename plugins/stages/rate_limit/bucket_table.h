// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>

#include "limit.h"

namespace syncline::rate_limit {

/// Buckets by name, as many as `bucketsMax` at once. Owned by a shard's state or behind a lock of
/// SharedBuckets; one thread at a time.
///
/// The list is ordered by last use. A bucket that was not used for as long as an empty one takes to
/// fill is full, so forgetting it changes nothing; each use of the table forgets such ones from the
/// old end. Names that find no room share one bucket until there is room: nobody gets around the
/// limit by showing up under many names.
class BucketTable {
public:
    BucketTable(const Limit& limit, std::size_t bucketsMax)
        : limit_(limit), bucketsMax_(bucketsMax) {}
    BucketTable(const BucketTable&) = delete;
    BucketTable& operator=(const BucketTable&) = delete;

    /// As Bucket::take, for the bucket of that name.
    std::int64_t take(std::string_view name, std::int64_t cost, std::int64_t nowNs);

    /// Takes back what take() took at that time.
    void giveBack(std::string_view name, std::int64_t cost);

    std::size_t size() const { return byName_.size(); }
    /// How often a name had to share.
    std::uint64_t shared() const { return shared_; }

private:
    struct Entry {
        std::string name;
        Bucket bucket;
        std::int64_t usedNs = 0;
    };
    using Entries = std::list<Entry>;

    void forgetIdle(std::int64_t nowNs);
    Bucket& bucketOf(std::string_view name, std::int64_t nowNs);

    const Limit limit_;
    const std::size_t bucketsMax_;
    Entries byUse_;  ///< the one that was used last is in front
    /// A tree and no hash: nobody can choose names that collide. The keys are the entries' names.
    std::map<std::string_view, Entries::iterator> byName_;
    Bucket rest_;
    std::uint64_t shared_ = 0;
};

}  // namespace syncline::rate_limit
