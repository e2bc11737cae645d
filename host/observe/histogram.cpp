// SPDX-License-Identifier: Apache-2.0
#include "observe/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace syncline::observe {

namespace {

// One writer: a load and a store are enough, and cheaper than an atomic addition.
void addTo(std::atomic<std::uint64_t>& cell, std::uint64_t by) {
    cell.store(cell.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

void raiseTo(std::atomic<std::uint64_t>& cell, std::uint64_t value) {
    if (value > cell.load(std::memory_order_relaxed)) cell.store(value, std::memory_order_relaxed);
}

}  // namespace

void Histogram::record(std::uint64_t ns) {
    addTo(buckets_[bucketOf(ns)], 1);
    addTo(sumNs_, ns);
    raiseTo(maxNs_, ns);
}

void Histogram::merge(const Histogram& other) {
    for (std::size_t i = 0; i < kBuckets; ++i) {
        addTo(buckets_[i], other.buckets_[i].load(std::memory_order_relaxed));
    }
    addTo(sumNs_, other.sumNs());
    raiseTo(maxNs_, other.maxNs());
}

std::uint64_t Histogram::quantile(double p) const {
    const std::uint64_t total = count();
    if (total == 0) return 0;
    const double wanted = std::ceil(std::clamp(p, 0.0, 1.0) * static_cast<double>(total));
    const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < kBuckets; ++i) {
        seen += buckets_[i].load(std::memory_order_relaxed);
        if (seen >= rank) return std::min(endOf(i), maxNs());
    }
    return maxNs();
}

std::uint64_t Histogram::count() const {
    std::uint64_t total = 0;
    for (const auto& bucket : buckets_) total += bucket.load(std::memory_order_relaxed);
    return total;
}

std::size_t Histogram::bucketOf(std::uint64_t ns) {
    const std::uint64_t value = std::min(ns, (std::uint64_t{1} << kValueBits) - 1);
    if (value < kSteps) return value;
    // The leading bit picks the power of two, the next kStepBits the step within it.
    const auto power = static_cast<unsigned>(std::bit_width(value)) - 1;
    const unsigned shift = power - kStepBits;
    return (std::size_t{shift} << kStepBits) + (value >> shift);
}

std::uint64_t Histogram::endOf(std::size_t bucket) {
    if (bucket < kSteps) return bucket;
    const std::size_t shift = (bucket >> kStepBits) - 1;
    const std::uint64_t step = bucket - (shift << kStepBits);
    return ((step + 1) << shift) - 1;
}

}  // namespace syncline::observe
