// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace syncline::observe {

/// How often which duration was seen, in buckets whose width grows with their value: sixteen for
/// each power of two, so a quantile is at most 1/16 too large. From 0 ns to 2^40 ns (18 minutes);
/// what is longer counts as the longest. 5 KB, no allocation.
///
/// One thread records; any thread may read or merge meanwhile and sees each number as of about now.
class Histogram {
public:
    Histogram() = default;
    Histogram(const Histogram&) = delete;
    Histogram& operator=(const Histogram&) = delete;

    /// [the recording thread]
    void record(std::uint64_t ns);

    /// Adds all that `other` has seen: how shards become one. [the recording thread of this]
    void merge(const Histogram& other);

    /// A duration that the fraction `p` (0 to 1) of all records did not exceed, rounded up to the
    /// end of its bucket; 0 when nothing was recorded.
    std::uint64_t quantile(double p) const;

    std::uint64_t count() const;
    std::uint64_t sumNs() const { return sumNs_.load(std::memory_order_relaxed); }
    std::uint64_t maxNs() const { return maxNs_.load(std::memory_order_relaxed); }

private:
    static constexpr unsigned kStepBits = 4;
    static constexpr std::uint64_t kSteps = 1 << kStepBits;
    static constexpr unsigned kValueBits = 40;
    static constexpr std::size_t kBuckets = (kValueBits - kStepBits + 1) * kSteps;

    static std::size_t bucketOf(std::uint64_t ns);
    static std::uint64_t endOf(std::size_t bucket);  ///< the largest value that falls into it

    std::array<std::atomic<std::uint64_t>, kBuckets> buckets_{};
    std::atomic<std::uint64_t> sumNs_{0};
    std::atomic<std::uint64_t> maxNs_{0};
};

}  // namespace syncline::observe
