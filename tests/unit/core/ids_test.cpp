// SPDX-License-Identifier: Apache-2.0
#include "core/ids.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>

namespace syncline::core {
namespace {

using namespace std::string_view_literals;

/// Bytes that count up from where the last call ended.
class CountingRandom final : public Random {
public:
    void fill(unsigned char* bytes, std::size_t size) override {
        for (std::size_t i = 0; i < size; ++i) bytes[i] = next_++;
    }

private:
    unsigned char next_ = 0xfe;
};

TEST(Ids, RandomHexIsTwoLowerCaseDigitsAByte) {
    CountingRandom random;
    EXPECT_EQ(randomHex(random, 4), "feff0001");
    EXPECT_EQ(randomHex(random, 0), "");
}

TEST(Ids, TheKernelsRandomBytesDiffer) {
    SystemRandom random;
    std::set<std::string> ids;
    for (int i = 0; i < 100; ++i) ids.insert(randomHex(random, 16));
    EXPECT_EQ(ids.size(), 100u);
    EXPECT_EQ(ids.begin()->size(), 32u);
}

TEST(Ids, Hex16GoesThereAndBack) {
    EXPECT_EQ(toHex16(0), "0000000000000000");
    EXPECT_EQ(toHex16(0x0123456789abcdef), "0123456789abcdef");
    for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 63,
                                       std::numeric_limits<std::uint64_t>::max()}) {
        std::uint64_t back = 17;
        EXPECT_TRUE(fromHex16(toHex16(number), back));
        EXPECT_EQ(back, number);
    }
}

TEST(Ids, FromHex16TakesNothingElseAndLeavesTheNumberAlone) {
    for (const std::string_view text :
         {""sv, "0"sv, "0123456789ABCDEF"sv, "0123456789abcde"sv, "0123456789abcdef0"sv,
          " 123456789abcdef"sv, "-123456789abcdef"sv, "0x23456789abcdef"sv, "0123456789abcdeg"sv,
          "0123456789abcde\0"sv}) {
        std::uint64_t number = 17;
        EXPECT_FALSE(fromHex16(text, number)) << text;
        EXPECT_EQ(number, 17u);
    }
}

// Stored data depends on these numbers: they may never change.
TEST(Ids, TheStableHashIsWhatItAlwaysWas) {
    EXPECT_EQ(stableHash(""), 0xfdbdf6ac4fc52e7fULL);
    EXPECT_EQ(stableHash("a"), 0x2ef7d1316eb86f71ULL);
    EXPECT_EQ(stableHash("dashboard:sales"), 0x84f18babbe2ec662ULL);
    EXPECT_EQ(stableHash("dashboard:sales", 1), 0xedb5c8a84712fc9fULL);
    EXPECT_EQ(stableHash("\xc3\xbc\0\xe2\x82\xac"sv, 7), 0x6d4a4446249d4876ULL);
}

TEST(Ids, TheStableHashSpreadsNamesThatDifferInOneDigitOverShards) {
    constexpr std::size_t kShards = 4;
    std::size_t perShard[kShards] = {};
    for (int i = 0; i < 4000; ++i) {
        ++perShard[stableHash("dashboard:" + std::to_string(i)) % kShards];
    }
    for (const std::size_t count : perShard) {
        EXPECT_GT(count, 800u);
        EXPECT_LT(count, 1200u);
    }
}

}  // namespace
}  // namespace syncline::core
