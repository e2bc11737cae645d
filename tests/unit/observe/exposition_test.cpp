// SPDX-License-Identifier: Apache-2.0
#include "observe/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace syncline::observe {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ExpositionTest, AddsUpWhatSeveralShardsCounted) {
    Exposition page(10);
    page.counter("ops_total", "Ops.", 2, {{"outcome", "applied"}});
    page.counter("ops_total", "Ops.", 3, {{"outcome", "applied"}});
    page.counter("ops_total", "Ops.", 1, {{"outcome", "void"}});
    page.gauge("open", "Open now.", 4);
    page.gauge("open", "Open now.", 5);
    const std::string text = page.text();
    EXPECT_THAT(text, HasSubstr("# HELP ops_total Ops.\n# TYPE ops_total counter\n"));
    EXPECT_THAT(text, HasSubstr("ops_total{outcome=\"applied\"} 5\n"));
    EXPECT_THAT(text, HasSubstr("ops_total{outcome=\"void\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE open gauge\nopen 9\n"));
}

TEST(ExpositionTest, WritesAHistogramWithRunningSums) {
    Distribution one(kTimeEndsNs);
    Distribution other(kTimeEndsNs);
    one.record(1'000);
    one.record(1'001);
    other.record(1'000'000'000'000);
    Exposition page(10);
    for (const Distribution* shard : {&one, &other}) {
        page.histogram("took_seconds", "Time.", shard->read(), 1e9, {{"stage", "s"}});
    }
    const std::string text = page.text();
    EXPECT_THAT(text, HasSubstr("took_seconds_count{stage=\"s\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("took_seconds_bucket{stage=\"s\",le=\"5e-06\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("took_seconds_bucket{stage=\"s\",le=\"5\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("took_seconds_bucket{stage=\"s\",le=\"+Inf\"} 3\n"));
}

TEST(ExpositionTest, FoldsWhatIsBeyondTheLimitIntoOther) {
    Exposition page(3);
    for (int i = 0; i < 100; ++i) {
        page.counter("seen_total", "Seen.", 1, {{"name", std::to_string(i)}, {"kind", "k"}});
    }
    page.counter("seen_total", "Seen.", 1, {{"name", "0"}, {"kind", "k"}});
    const std::string text = page.text();
    EXPECT_THAT(text, HasSubstr("seen_total{name=\"0\",kind=\"k\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("seen_total{name=\"1\",kind=\"k\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("seen_total{name=\"other\",kind=\"other\"} 98\n"));
    EXPECT_THAT(text, Not(HasSubstr("name=\"2\"")));
    EXPECT_EQ(page.folded(), 98U);
}

TEST(ExpositionTest, NoLabelBreaksOutOfItsLine) {
    Exposition page(10);
    page.gauge("open", "A line\nand more.", 1, {{"name", "a\"b\\c\nd"}});
    const std::string text = page.text();
    EXPECT_THAT(text, HasSubstr("# HELP open A line and more.\n"));
    EXPECT_THAT(text, HasSubstr("open{name=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

TEST(DistributionTest, CountsAValueInTheBucketWhoseEndItDoesNotExceed) {
    Distribution sizes(kSizeEnds);
    for (const std::uint64_t value : {0U, 1U, 2U, 3U, 5'000U, 5'001U}) sizes.record(value);
    const Distribution::Reading reading = sizes.read();
    EXPECT_EQ(reading.counts[0], 2U);
    EXPECT_EQ(reading.counts[1], 1U);
    EXPECT_EQ(reading.counts[2], 1U);
    EXPECT_EQ(reading.counts[11], 1U);
    EXPECT_EQ(reading.counts[12], 1U);
    EXPECT_EQ(reading.sum, 10'007U);
    EXPECT_EQ(sizes.count(), 6U);
}

}  // namespace
}  // namespace syncline::observe
