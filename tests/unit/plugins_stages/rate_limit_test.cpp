// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "rate_limit/address_group.h"
#include "rate_limit/bucket_table.h"
#include "rate_limit/limit.h"
#include "rate_limit/shared_buckets.h"
#include "support/stage_world.h"

namespace syncline::tests {
namespace {

using rate_limit::Bucket;
using rate_limit::BucketTable;
using rate_limit::Limit;

constexpr std::int64_t kMsNs = 1'000'000;
constexpr std::int64_t kSecondNs = 1'000 * kMsNs;

const Limit kTwoASecond = Limit::of("2/s", 0);

TEST(Limit, ReadsRates) {
    struct Case {
        const char* rate;
        std::int64_t burst;
        std::int64_t intervalNs;
        std::int64_t burstRead;
    };
    const Case cases[] = {
        {"200/s", 0, 5 * kMsNs, 200},
        {"200/s", 400, 5 * kMsNs, 400},
        {"60/m", 1, kSecondNs, 1},
        {"1/h", 0, 3'600 * kSecondNs, 1},
        {"1/d", 0, 86'400 * kSecondNs, 1},
        {"1000000000/s", 0, 1, 1'000'000'000},
        {"1000000001/s", 0, 0, 0},
        {"0/s", 0, 0, 0},
        {"-1/s", 0, 0, 0},
        {"5/x", 0, 0, 0},
        {"", 0, 0, 0},
        {"1/d", 367, 0, 0},
    };
    for (const Case& one : cases) {
        const Limit limit = Limit::of(one.rate, one.burst);
        EXPECT_EQ(limit.intervalNs, one.intervalNs) << one.rate;
        EXPECT_EQ(limit.burst, one.burstRead) << one.rate;
    }
}

TEST(Bucket, GivesItsBurstAtOnceAndThenOneAnInterval) {
    Bucket bucket;
    EXPECT_EQ(bucket.take(kTwoASecond, 1, 0), 0);
    EXPECT_EQ(bucket.take(kTwoASecond, 1, 0), 0);
    EXPECT_EQ(bucket.take(kTwoASecond, 1, 0), 500 * kMsNs);
    EXPECT_EQ(bucket.take(kTwoASecond, 1, 499 * kMsNs), 1 * kMsNs);
    EXPECT_EQ(bucket.take(kTwoASecond, 1, 500 * kMsNs), 0) << "refusals cost nothing";
    EXPECT_EQ(bucket.take(kTwoASecond, 1, 500 * kMsNs), 500 * kMsNs);
}

TEST(Bucket, HoldsNoMoreThanItsBurst) {
    Bucket bucket;
    const std::int64_t later = 100 * kSecondNs;
    EXPECT_TRUE(bucket.isFull(later));
    EXPECT_EQ(bucket.take(kTwoASecond, 2, later), 0);
    EXPECT_EQ(bucket.take(kTwoASecond, 1, later), 500 * kMsNs);
    EXPECT_FALSE(bucket.isFull(later));
    EXPECT_TRUE(bucket.isFull(later + kSecondNs));
}

TEST(Bucket, TakesBackWhatItGave) {
    Bucket bucket;
    bucket.take(kTwoASecond, 2, 0);
    bucket.giveBack(kTwoASecond, 1);
    EXPECT_EQ(bucket.take(kTwoASecond, 1, 0), 0);
    EXPECT_NE(bucket.take(kTwoASecond, 1, 0), 0);
}

TEST(BucketTable, ForgetsWhoWasIdleForAsLongAsABucketTakesToFill) {
    BucketTable table(kTwoASecond, 100);
    for (int i = 0; i < 50; ++i) table.take("name " + std::to_string(i), 1, 0);
    EXPECT_EQ(table.size(), 50u);
    table.take("late", 1, kSecondNs - 1);
    EXPECT_EQ(table.size(), 51u);
    for (int i = 0; i < 13; ++i) table.take("late", 0, kSecondNs);
    EXPECT_EQ(table.size(), 1u);
}

TEST(BucketTable, LetsNamesBeyondItsLimitShareOneBucket) {
    BucketTable table(kTwoASecond, 2);
    table.take("a", 1, 0);
    table.take("b", 1, 0);
    EXPECT_EQ(table.take("c", 1, 0), 0);
    EXPECT_EQ(table.take("d", 1, 0), 0);
    EXPECT_GT(table.take("e", 1, 0), 0) << "another name is no way around the limit";
    EXPECT_EQ(table.take("a", 1, 0), 0) << "who has a bucket keeps it";
    EXPECT_EQ(table.size(), 2u);
    EXPECT_EQ(table.shared(), 3u);
    EXPECT_EQ(table.take("e", 2, 2 * kSecondNs), 0);
    EXPECT_EQ(table.shared(), 3u) << "there is room again";
}

TEST(SharedBuckets, NeverHoldMoreThanTheirLimitRoundedUpToAWholePart) {
    rate_limit::SharedBuckets buckets(kTwoASecond, 128);
    for (int i = 0; i < 10'000; ++i) buckets.take(std::to_string(i), 1, 0);
    EXPECT_EQ(buckets.size(), 128u);
    EXPECT_EQ(buckets.shared(), 10'000u - 128u);
}

TEST(AddressGroup, IsAnIpv4AddressOrAnIpv6Network) {
    const std::pair<const char*, const char*> cases[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:0db8:0001:0002::1", "2001:db8:1:2::/64"},
        {"2001:db8:1:3::1", "2001:db8:1:3::/64"},
        {"::1", "::/64"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"fe80::1%eth0", "fe80::/64"},
        {"no:address", "no:address"},
        {"", ""},
    };
    for (const auto& [address, group] : cases) {
        EXPECT_EQ(rate_limit::addressGroup(address), group);
    }
}

// ---- The stage ----

std::string configOf(const std::string& limits) {
    return "{" + limits + R"(,"buckets_max":1000,"costs":{"free":0,"dear":2},)" +
           R"("exempt_roles":["service"]})";
}

constexpr const char* kMessage = R"({"type":"op","channel":"c"})";
constexpr const char* kAnn = R"({"user":"ann"})";
constexpr const char* kBen = R"({"user":"ben"})";

/// One message after the other, each from somebody.
struct Step {
    const char* principal;
    std::uint64_t connection;
    const char* address;
    const char* message;
    const char* outcome;
};

struct Case {
    const char* claim;
    const char* limits;
    std::vector<Step> steps;
};

constexpr const char* kPass = "continue";
constexpr const char* kConnectionRefused =
    "refused 1401: this connection sends too much after 500 ms";
constexpr const char* kUserRefused = "refused 1401: this user sends too much after 500 ms";
constexpr const char* kAddressRefused =
    "refused 1401: too much comes from this address after 500 ms";
constexpr const char* kChannelRefused =
    "refused 1401: too much is sent to this channel after 500 ms";

const std::vector<Case> kCases = {
    {"AConnectionHasABucketOfItsOwn",
     R"("per_connection":"2/s")",
     {{kAnn, 1, "a", kMessage, kPass},
      {kAnn, 1, "a", kMessage, kPass},
      {kAnn, 1, "a", kMessage, kConnectionRefused},
      {kAnn, 2, "a", kMessage, kPass}}},
    {"AUserHasOneForAllConnections",
     R"("per_user":"2/s")",
     {{kAnn, 1, "a", kMessage, kPass},
      {kAnn, 2, "a", kMessage, kPass},
      {kAnn, 3, "b", kMessage, kUserRefused},
      {kBen, 1, "a", kMessage, kPass}}},
    {"NobodyIsNotLimitedAsAUser",
     R"("per_user":"2/s")",
     {{"", 1, "a", kMessage, kPass}, {"", 1, "a", kMessage, kPass}, {"", 1, "a", kMessage, kPass}}},
    {"AnAddressHasOneForAllItsUsers",
     R"("per_address":"2/s")",
     {{kAnn, 1, "192.0.2.1", kMessage, kPass},
      {kBen, 2, "192.0.2.1", kMessage, kPass},
      {"", 3, "192.0.2.1", kMessage, kAddressRefused},
      {"", 3, "192.0.2.2", kMessage, kPass}}},
    {"AnIpv6NetworkIsOneAddress",
     R"("per_address":"2/s")",
     {{kAnn, 1, "2001:db8::1", kMessage, kPass},
      {kAnn, 1, "2001:db8::2", kMessage, kPass},
      {kAnn, 1, "2001:db8::3", kMessage, kAddressRefused}}},
    {"AChannelHasOneForAllSenders",
     R"("per_channel":"2/s")",
     {{kAnn, 1, "a", kMessage, kPass},
      {kBen, 2, "b", kMessage, kPass},
      {kAnn, 3, "c", kMessage, kChannelRefused},
      {kAnn, 1, "a", R"({"type":"op","channel":"d"})", kPass},
      {kAnn, 1, "a", R"({"type":"ping"})", kPass}}},
    {"WhatOneLimitRefusesTakesNothingFromTheOthers",
     R"("per_connection":{"rate":"2/s","burst":3},"per_channel":"2/s")",
     {{kAnn, 1, "a", kMessage, kPass},
      {kAnn, 1, "a", kMessage, kPass},
      {kAnn, 1, "a", kMessage, kChannelRefused},
      {kAnn, 1, "a", kMessage, kChannelRefused},
      {kAnn, 1, "a", R"({"type":"op","channel":"d"})", kPass},
      {kAnn, 1, "a", R"({"type":"op","channel":"d"})", kConnectionRefused}}},
    {"ATypeMayCostMoreOrNothing",
     R"("per_connection":"2/s")",
     {{kAnn, 1, "a", R"({"type":"dear"})", kPass},
      {kAnn, 1, "a", kMessage, kConnectionRefused},
      {kAnn, 1, "a", R"({"type":"free"})", kPass}}},
    {"AnExemptRoleIsNotLimited",
     R"("per_user":"2/s")",
     {{R"({"user":"bot","roles":["x","service"]})", 1, "a", kMessage, kPass},
      {R"({"user":"bot","roles":["x","service"]})", 1, "a", kMessage, kPass},
      {R"({"user":"bot","roles":["service"]})", 1, "a", kMessage, kPass},
      {R"({"user":"bot","roles":["x"]})", 1, "a", R"({"type":"dear"})", kPass},
      {R"({"user":"bot","roles":["x"]})", 1, "a", kMessage, kUserRefused}}},
};

class RateLimitTest : public testing::TestWithParam<Case> {};

TEST_P(RateLimitTest, Holds) {
    StageWorld world(PLUGIN_RATE_LIMIT, configOf(GetParam().limits));
    ASSERT_EQ(world.fault, "");
    for (const Step& step : GetParam().steps) {
        world.caller.is(step.principal);
        world.caller.number = step.connection;
        world.caller.from = step.address;
        EXPECT_EQ(world.send(step.message), step.outcome);
    }
}

INSTANTIATE_TEST_SUITE_P(All, RateLimitTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.claim; });

TEST(RateLimit, LetsThroughWhoWaitsAsLongAsItIsTold) {
    StageWorld world(PLUGIN_RATE_LIMIT, configOf(R"("per_connection":"3/s")"));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(world.send(kMessage), kPass);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(world.send(kMessage).substr(0, 12), "refused 1401");
        EXPECT_TRUE(world.caller.refusal.retry);
        world.clock.advanceMs(world.caller.refusal.retryAfterMs);
        EXPECT_EQ(world.send(kMessage), kPass) << i;
    }
}

TEST(RateLimit, CountsAUserOnceForAllShards) {
    StageWorld world(PLUGIN_RATE_LIMIT, configOf(R"("per_user":"4/s","per_connection":"4/s")"), 2);
    world.caller.is(kAnn);
    for (int i = 0; i < 4; ++i) {
        world.on(static_cast<std::size_t>(i % 2));
        world.caller.number = static_cast<std::uint64_t>(i);
        EXPECT_EQ(world.send(kMessage), kPass);
    }
    for (const std::size_t shard : {0u, 1u}) {
        world.on(shard);
        EXPECT_EQ(world.send(kMessage), "refused 1401: this user sends too much after 250 ms");
    }
}

TEST(RateLimit, RefusesLimitsThatCannotBe) {
    const std::pair<const char*, const char*> cases[] = {
        {R"("per_user":"0/s")", "/per_user: "},
        {R"("per_address":{"rate":"1/d","burst":1000})", "/per_address: "},
        {R"("per_channel":"1/s")", "/costs/dear: "},
    };
    for (const auto& [limits, fault] : cases) {
        EXPECT_EQ(StageWorld(PLUGIN_RATE_LIMIT, configOf(limits)).fault.rfind(fault, 0), 0u)
            << limits;
    }
}

}  // namespace
}  // namespace syncline::tests
