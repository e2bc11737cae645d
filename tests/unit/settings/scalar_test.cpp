// SPDX-License-Identifier: Apache-2.0
#include "settings/scalar.h"

#include <gtest/gtest.h>

#include <string>

namespace syncline::settings {
namespace {

TEST(Duration, IsANumberAndAUnit) {
    EXPECT_EQ(parseDurationMs("250ms"), 250);
    EXPECT_EQ(parseDurationMs("0s"), 0);
    EXPECT_EQ(parseDurationMs("30s"), 30'000);
    EXPECT_EQ(parseDurationMs("5m"), 300'000);
    EXPECT_EQ(parseDurationMs("12h"), 43'200'000);
    EXPECT_EQ(parseDurationMs("7d"), 604'800'000);
}

TEST(Duration, IsNothingElse) {
    for (const char* text : {"", "30", "s", "-1s", "+1s", "1 s", " 1s", "1s ", "1.5s", "1S", "1w",
                             "1e3s", "99999999999999999999s", "9223372036854775807d", "1s1s"}) {
        EXPECT_FALSE(parseDurationMs(text)) << text;
    }
}

TEST(Size, IsANumberAndABinaryUnit) {
    EXPECT_EQ(parseSizeBytes("512B"), 512);
    EXPECT_EQ(parseSizeBytes("64KiB"), 65'536);
    EXPECT_EQ(parseSizeBytes("8MiB"), 8 << 20);
    EXPECT_EQ(parseSizeBytes("1GiB"), 1 << 30);
    for (const char* text : {"", "64", "64K", "64KB", "64kib", "-1B", "1.5MiB", "8388608TiB"}) {
        EXPECT_FALSE(parseSizeBytes(text)) << text;
    }
}

TEST(Rate, IsANumberPerUnitOfTime) {
    EXPECT_EQ(parseRate("200/s"), (Rate{200, 1'000}));
    EXPECT_EQ(parseRate("30/m"), (Rate{30, 60'000}));
    EXPECT_EQ(parseRate("5/h"), (Rate{5, 3'600'000}));
    for (const char* text : {"", "200", "200/", "/s", "200/2s", "200/ms", "200 / s", "-1/s"}) {
        EXPECT_FALSE(parseRate(text)) << text;
    }
}

TEST(Address, IsAHostAndAPort) {
    EXPECT_EQ(parseAddress("127.0.0.1:8080"), (Address{"127.0.0.1", 8080}));
    EXPECT_EQ(parseAddress("localhost:0"), (Address{"localhost", 0}));
    EXPECT_EQ(parseAddress("*:80"), (Address{"0.0.0.0", 80}));
    EXPECT_EQ(parseAddress("[::1]:80"), (Address{"::1", 80}));
    EXPECT_EQ(parseAddress("[::]:65535"), (Address{"::", 65535}));
    for (const char* text :
         {"", ":", "80", "127.0.0.1", "127.0.0.1:", ":80", "127.0.0.1:65536", "127.0.0.1:-1",
          "127.0.0.1:8o", "127.0.0:80", "1.2.3.4.5:80", "256.0.0.1:80", "::1:80", "[::1]80",
          "[]:80", "[x]:80", "a b:80", "-a:80", "127.0.0.1: 80"}) {
        EXPECT_FALSE(parseAddress(text)) << text;
    }
}

TEST(Address, KnowsWhoCanReachIt) {
    EXPECT_TRUE(parseAddress("127.0.0.1:1")->isLoopback());
    EXPECT_TRUE(parseAddress("127.8.9.1:1")->isLoopback());
    EXPECT_TRUE(parseAddress("[::1]:1")->isLoopback());
    EXPECT_TRUE(parseAddress("localhost:1")->isLoopback());
    EXPECT_FALSE(parseAddress("*:1")->isLoopback());
    EXPECT_FALSE(parseAddress("[::]:1")->isLoopback());
    EXPECT_FALSE(parseAddress("127.example:1")->isLoopback());
    EXPECT_FALSE(parseAddress("192.168.1.1:1")->isLoopback());
}

TEST(Origin, IsSchemeHostAndPerhapsPort) {
    for (const char* text : {"https://a.example", "http://localhost:3000", "http://[::1]:80"}) {
        EXPECT_TRUE(isOrigin(text)) << text;
    }
    for (const char* text : {"", "a.example", "https://", "https://a.example/", "ws://a",
                             "http://*", "http://*:80", "https://a b", "https://a:", "HTTPS://a"}) {
        EXPECT_FALSE(isOrigin(text)) << text;
    }
}

TEST(Names, AreSnakeCase) {
    for (const char* text : {"a", "main", "rate_limit", "a1_b2"}) EXPECT_TRUE(isSnakeCase(text));
    for (const char* text : {"", "A", "1a", "_a", "a_", "a__b", "a-b", "a.b", "ä"}) {
        EXPECT_FALSE(isSnakeCase(text)) << text;
    }
}

TEST(PluginPatterns, AreDottedIds) {
    for (const char* text : {"*", "com.*", "com.acme.echo", "a-b.c_d"}) {
        EXPECT_TRUE(isPluginPattern(text)) << text;
    }
    for (const char* text : {"", ".", ".*", "a..b", "a.", ".a", "a*", "*.a", "A.b", "a.*.b"}) {
        EXPECT_FALSE(isPluginPattern(text)) << text;
    }
}

TEST(NamePatterns, HaveOneToTwoHundredFiftyFiveBytes) {
    EXPECT_TRUE(isNamePattern("größe:*"));
    EXPECT_TRUE(isNamePattern(std::string(255, 'a')));
    EXPECT_FALSE(isNamePattern(""));
    EXPECT_FALSE(isNamePattern(std::string(256, 'a')));
    EXPECT_FALSE(isNamePattern("a\nb"));
}

TEST(Texts, ReadBackAsTheSameValue) {
    for (const std::int64_t ms : {0L, 1L, 999L, 1'000L, 90'000L, 3'600'000L, 604'800'000L}) {
        EXPECT_EQ(parseDurationMs(durationText(ms)), ms);
    }
    for (const std::int64_t bytes : {0L, 1L, 1'000L, 65'536L, 1L << 20, 3L << 30}) {
        EXPECT_EQ(parseSizeBytes(sizeText(bytes)), bytes);
    }
    EXPECT_EQ(durationText(604'800'000), "7d");
    EXPECT_EQ(sizeText(65'536), "64KiB");
}

}  // namespace
}  // namespace syncline::settings
