// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "observe/number.h"

namespace syncline::observe {

/// Upper ends of the buckets in which durations are counted, in nanoseconds.
inline constexpr std::array<std::uint64_t, 12> kTimeEndsNs = {
    1'000,     5'000,      20'000,     100'000,     500'000,       2'000'000,
    5'000'000, 10'000'000, 50'000'000, 250'000'000, 1'000'000'000, 5'000'000'000};

/// The same for how many of something came together.
inline constexpr std::array<std::uint64_t, 12> kSizeEnds = {1,   2,   5,   10,    20,    50,
                                                            100, 200, 500, 1'000, 2'000, 5'000};

/// How often which value was seen, in a few buckets whose ends are fixed: what a scrape can show
/// and add up. For quantiles within one process there is Histogram. No allocation.
///
/// One thread records; any thread may read meanwhile and sees each number as of about now.
class Distribution {
public:
    static constexpr std::size_t kEndsMax = 12;

    struct Reading {
        std::span<const std::uint64_t> ends;
        std::vector<std::uint64_t> counts;  ///< by end, each of its own bucket; then what is beyond
        std::uint64_t sum = 0;
    };

    /// `ends` rise, belong to the buckets before them and live as long as this.
    explicit Distribution(std::span<const std::uint64_t> ends = kTimeEndsNs) : ends_(ends) {
        assert(ends.size() <= kEndsMax);
    }

    /// [the recording thread]
    void record(std::uint64_t value) {
        std::size_t bucket = 0;
        while (bucket < ends_.size() && value > ends_[bucket]) ++bucket;
        counts_[bucket].add(1);
        sum_.add(value);
    }

    Reading read() const {
        Reading reading{ends_, {}, sum_.get()};
        for (std::size_t i = 0; i <= ends_.size(); ++i) reading.counts.push_back(counts_[i].get());
        return reading;
    }

    /// How many were recorded.
    std::uint64_t count() const {
        std::uint64_t all = 0;
        for (const Number& number : counts_) all += number.get();
        return all;
    }

    std::uint64_t sum() const { return sum_.get(); }

private:
    std::span<const std::uint64_t> ends_;
    std::array<Number, kEndsMax + 1> counts_;
    Number sum_;
};

}  // namespace syncline::observe
