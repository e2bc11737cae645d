// SPDX-License-Identifier: Apache-2.0
#include "row_codec.h"

#include <gmock/gmock.h>

#include <random>

#include "checksum.h"

namespace syncline::sqlite {
namespace {

Row sample(std::uint64_t id) {
    const std::string large(40'000, 'z');
    const syncline_entry first[] = {
        {sizeof(syncline_entry), 8, 0, -5, {"", 0}},
        {sizeof(syncline_entry), 9, 1'000'000, 1'700'000'000'000, {large.data(), large.size()}}};
    const syncline_entry second[] = {
        {sizeof(syncline_entry), 1, UINT64_C(1) << 62, INT64_MIN, {"\0x", 2}}};
    syncline_append appends[] = {{sizeof(syncline_append), {"a", 1}, {"e1", 2}, 7, first, 2, 0},
                                 {sizeof(syncline_append), {"", 0}, {"", 0}, 0, second, 1, 0},
                                 {sizeof(syncline_append), {"c", 1}, {"", 0}, 3, nullptr, 0, 0}};
    RowWriter writer(id);
    for (auto& append : appends) writer.add(Append(&append));
    return writer.take();
}

TEST(RowCodec, ReadsBackWhatItWrote) {
    const Row written = sample(12);
    const auto read = readRow(12, *written.bytes);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->blocks.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        const Block& a = written.blocks[i];
        const Block& b = read->blocks[i];
        EXPECT_EQ(a.channel, b.channel);
        EXPECT_EQ(a.epoch, b.epoch);
        EXPECT_EQ(a.firstIndex, b.firstIndex);
        EXPECT_EQ(a.lastIndex, b.lastIndex);
        EXPECT_EQ(a.firstSeq, b.firstSeq);
        EXPECT_EQ(a.lastSeq, b.lastSeq);
        EXPECT_EQ(written.entries(a), read->entries(b));
    }
    EXPECT_EQ(read->blocks[0].firstSeq, 1'000'000U);
    EXPECT_EQ(read->entryCount(), 3U);
    EntryCursor cursor(read->entries(read->blocks[1]), 1);
    const auto entry = cursor.next();
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->atMs, INT64_MIN);
    EXPECT_EQ(entry->body, std::string_view("\0x", 2));
    EXPECT_FALSE(cursor.next());
    EXPECT_FALSE(cursor.damaged());
}

TEST(RowCodec, RefusesARowUnderAnotherNumber) {
    EXPECT_FALSE(readRow(13, *sample(12).bytes));
}

TEST(RowCodec, RefusesEveryPrefixAndEveryFlippedBit) {
    std::string bytes = *sample(3).bytes;
    std::mt19937 random(1);
    for (int round = 0; round < 2'000; ++round) {
        const auto size = std::uniform_int_distribution<std::size_t>(0, bytes.size() - 1)(random);
        ASSERT_FALSE(readRow(3, bytes.substr(0, size)));
        std::string flipped = bytes;
        flipped[size] = static_cast<char>(flipped[size] ^ (1 << (round % 8)));
        ASSERT_FALSE(readRow(3, flipped));
    }
}

TEST(RowCodec, SurvivesGarbageWithAGoodChecksum) {
    std::mt19937 random(2);
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes(std::uniform_int_distribution<std::size_t>(1, 40)(random), '\0');
        for (char& byte : bytes) byte = static_cast<char>(random() % 8);
        bytes[0] = 1;
        const std::uint64_t sum = checksum(bytes, 1);
        bytes.append(reinterpret_cast<const char*>(&sum), sizeof sum);
        const auto row = readRow(1, bytes);
        if (!row) continue;
        for (const Block& block : row->blocks) {
            ASSERT_LE(block.offset + block.size, bytes.size());
        }
    }
}

TEST(RowCodec, ACursorStopsWhereEntriesAreCutShort) {
    std::string bytes;
    appendEntry(bytes, {1, 1, 0, "whole"});
    appendEntry(bytes, {2, 2, 0, "cut"});
    EntryCursor cursor(std::string_view(bytes).substr(0, bytes.size() - 1), 1);
    EXPECT_TRUE(cursor.next());
    EXPECT_FALSE(cursor.next());
    EXPECT_TRUE(cursor.damaged());
}

TEST(Checksum, DependsOnLengthSeedAndEveryByte) {
    EXPECT_NE(checksum(std::string_view("\0", 1)), checksum(std::string_view("\0\0", 2)));
    EXPECT_NE(checksum("a", 1), checksum("a", 2));
    EXPECT_NE(checksum(std::uint64_t{0}, 0), checksum(std::uint64_t{1}, 0));
    const std::string base(50, 'x');
    for (std::size_t at = 0; at < base.size(); ++at) {
        std::string changed = base;
        changed[at] = 'y';
        EXPECT_NE(checksum(base), checksum(changed)) << at;
    }
}

}  // namespace
}  // namespace syncline::sqlite
