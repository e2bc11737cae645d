// SPDX-License-Identifier: Apache-2.0
#include "bucket_table.h"

namespace syncline::rate_limit {

namespace {

/// More than one for each that comes, so that a table that has grown becomes small again.
constexpr int kForgottenAtOnce = 4;

}  // namespace

std::int64_t BucketTable::take(std::string_view name, std::int64_t cost, std::int64_t nowNs) {
    forgetIdle(nowNs);
    return bucketOf(name, nowNs).take(limit_, cost, nowNs);
}

void BucketTable::giveBack(std::string_view name, std::int64_t cost) {
    const auto found = byName_.find(name);
    Bucket& bucket = found == byName_.end() ? rest_ : found->second->bucket;
    bucket.giveBack(limit_, cost);
}

void BucketTable::forgetIdle(std::int64_t nowNs) {
    for (int i = 0; i < kForgottenAtOnce && !byUse_.empty(); ++i) {
        const Entry& oldest = byUse_.back();
        if (!oldest.bucket.isFull(nowNs) || nowNs - oldest.usedNs < limit_.refillNs()) return;
        byName_.erase(oldest.name);
        byUse_.pop_back();
    }
}

Bucket& BucketTable::bucketOf(std::string_view name, std::int64_t nowNs) {
    const auto found = byName_.find(name);
    if (found != byName_.end()) {
        byUse_.splice(byUse_.begin(), byUse_, found->second);
        found->second->usedNs = nowNs;
        return found->second->bucket;
    }
    if (byName_.size() >= bucketsMax_) {
        ++shared_;
        return rest_;
    }
    byUse_.push_front({std::string(name), {}, nowNs});
    byName_.emplace(byUse_.front().name, byUse_.begin());
    return byUse_.front().bucket;
}

}  // namespace syncline::rate_limit
