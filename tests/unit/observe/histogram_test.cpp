// SPDX-License-Identifier: Apache-2.0
#include "observe/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace syncline::observe {
namespace {

TEST(Histogram, SaysZeroBeforeAnythingWasRecorded) {
    const Histogram histogram;
    EXPECT_EQ(histogram.count(), 0u);
    EXPECT_EQ(histogram.quantile(0.5), 0u);
    EXPECT_EQ(histogram.maxNs(), 0u);
}

TEST(Histogram, OneRecordIsEveryQuantileOfItself) {
    for (const std::uint64_t ns : {0ULL, 1ULL, 15ULL, 16ULL, 17ULL, 31ULL, 32ULL, 1000ULL,
                                   123'456'789ULL, (1ULL << 40) - 1}) {
        Histogram histogram;
        histogram.record(ns);
        for (const double p : {0.0, 0.5, 1.0}) EXPECT_EQ(histogram.quantile(p), ns) << ns;
        EXPECT_EQ(histogram.sumNs(), ns);
    }
}

TEST(Histogram, QuantilesAreNeverTooSmallAndAtMostASixteenthTooLarge) {
    std::mt19937_64 random(7);
    std::lognormal_distribution<double> durations(11, 3);
    Histogram histogram;
    std::vector<std::uint64_t> exact;
    for (int i = 0; i < 20'000; ++i) {
        exact.push_back(static_cast<std::uint64_t>(std::min(durations(random), 1e12)));
        histogram.record(exact.back());
    }
    std::ranges::sort(exact);
    for (const double p : {0.0001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
        const auto rank = static_cast<std::size_t>(std::ceil(p * 20'000)) - 1;
        const std::uint64_t estimate = histogram.quantile(p);
        EXPECT_GE(estimate, exact[rank]) << p;
        EXPECT_LE(estimate, exact[rank] + exact[rank] / 16) << p;
    }
    EXPECT_EQ(histogram.quantile(1.0), exact.back());
}

TEST(Histogram, MergingIsAsIfOneHadSeenAll) {
    Histogram one;
    Histogram other;
    Histogram all;
    for (std::uint64_t i = 0; i < 3000; ++i) {
        const std::uint64_t ns = i * i * 7;
        (i % 3 == 0 ? one : other).record(ns);
        all.record(ns);
    }
    one.merge(other);
    EXPECT_EQ(one.count(), 3000u);
    EXPECT_EQ(one.sumNs(), all.sumNs());
    EXPECT_EQ(one.maxNs(), all.maxNs());
    for (const double p : {0.01, 0.5, 0.99, 1.0}) EXPECT_EQ(one.quantile(p), all.quantile(p));
}

TEST(Histogram, WhatIsTooLongCountsAsTheLongest) {
    Histogram histogram;
    histogram.record(std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(histogram.count(), 1u);
    EXPECT_EQ(histogram.quantile(1.0), (1ULL << 40) - 1);
}

TEST(Histogram, FractionsOutsideOfZeroToOneAreTakenAsTheEnds) {
    Histogram histogram;
    histogram.record(5);
    histogram.record(10);
    EXPECT_EQ(histogram.quantile(-1), 5u);
    EXPECT_EQ(histogram.quantile(2), 10u);
}

}  // namespace
}  // namespace syncline::observe
