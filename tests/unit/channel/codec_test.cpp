// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "channel/entry_codec.h"
#include "channel/image_codec.h"
#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

using tests::parsed;

Entry fullEntry() {
    Entry entry;
    entry.index = 300;
    entry.seq = 200;
    entry.atMs = 1'700'000'000'123;
    entry.epoch = "00112233aabbccdd";
    entry.stream = {0x1234567890abcdef, 42};
    entry.n = 17;
    entry.done = 12;
    entry.by = "ann";
    entry.origin = "t7";
    entry.verdict = {Outcome::merged, 0xfeedfacecafebeef, 200, "widget:7", R"("value":{"a":1})"};
    entry.effects.emplace_back().key = "widget:7";
    entry.effects[0].kind = OpKind::merge;
    entry.effects[0].arguments = R"("value":{"a":1})";
    entry.effects[0].previousVersion = 150;
    entry.effects[0].undo = std::string("/a\0b", 4);
    entry.effects[0].marks = std::vector<std::string>{"/a", ""};
    entry.submitted = R"("kind":"merge","value":{"a":1,"b":2})";
    entry.sum = 0x0102030405060708;
    return entry;
}

StoredEntry stored(const Entry& entry) {
    StoredEntry stored{entry.index, entry.seq, entry.atMs, {}};
    encodeEntry(entry, stored.body);
    return stored;
}

void expectSame(const Entry& one, const Entry& other) {
    EXPECT_EQ(stored(one).body, stored(other).body);
    EXPECT_EQ(one.index, other.index);
    EXPECT_EQ(one.stream, other.stream);
    EXPECT_EQ(one.n, other.n);
    EXPECT_EQ(one.done, other.done);
    EXPECT_EQ(one.verdict.extra, other.verdict.extra);
    EXPECT_EQ(one.verdict.seq, other.verdict.seq);
    EXPECT_EQ(one.sum, other.sum);
}

TEST(EntryCodec, GivesBackWhatWasWritten) {
    const Entry full = fullEntry();
    const core::Result<Entry> back = decodeEntry(stored(full));
    ASSERT_TRUE(back);
    expectSame(full, *back);
    EXPECT_EQ(back->effects[0].marks, full.effects[0].marks);
    EXPECT_EQ(back->effects[0].undo, full.effects[0].undo);

    Entry rejected;
    rejected.index = 1;
    rejected.verdict.outcome = Outcome::rejected;
    rejected.verdict.extra = R"("code":1203)";
    const core::Result<Entry> plain = decodeEntry(stored(rejected));
    ASSERT_TRUE(plain);
    expectSame(rejected, *plain);
}

TEST(EntryCodec, KeepsTheClocksOfEffects) {
    Entry single = fullEntry();
    const std::string without = stored(single).body;
    EXPECT_EQ(without[0], 1) << "what has no clock is as it always was";
    single.effects[0].clock = Hlc{1'700'000'000'123, 4'000'000'000};
    EXPECT_EQ(stored(single).body[0], 2);
    EXPECT_EQ(decodeEntry(stored(single))->effects[0].clock, single.effects[0].clock);

    Entry batch = fullEntry();
    batch.isBatch = true;
    batch.effects.push_back(batch.effects[0]);
    batch.effects[0].clock = Hlc{5, 0};
    batch.effects[1].marks.reset();
    const core::Result<Entry> back = decodeEntry(stored(batch));
    ASSERT_TRUE(back);
    expectSame(batch, *back);
    EXPECT_EQ(back->effects[0].clock, batch.effects[0].clock);
    EXPECT_EQ(back->effects[0].marks, batch.effects[0].marks);
    EXPECT_FALSE(back->effects[1].clock);
}

TEST(EntryCodec, KeepsTheFloorsOfEffects) {
    Entry single = fullEntry();
    single.effects[0].floor = 300;
    single.effects[0].clock = Hlc{5, 0};
    EXPECT_EQ(stored(single).body[0], 3);
    EXPECT_EQ(decodeEntry(stored(single))->effects[0].floor, 300U);
    EXPECT_EQ(decodeEntry(stored(single))->effects[0].clock, single.effects[0].clock);

    Entry batch = fullEntry();
    batch.isBatch = true;
    batch.effects.push_back(batch.effects[0]);
    batch.effects[1].floor = 7;
    const core::Result<Entry> back = decodeEntry(stored(batch));
    ASSERT_TRUE(back);
    expectSame(batch, *back);
    EXPECT_EQ(back->effects[0].floor, 0U);
    EXPECT_EQ(back->effects[1].floor, 7U);
}

TEST(EntryCodec, KeepsWhenAClientWasBornWhereThatIsAheadOfTheEntry) {
    Entry entry = fullEntry();
    EXPECT_EQ(decodeEntry(stored(entry))->bornMs, 0);
    entry.bornMs = entry.atMs + 1;
    for (const bool withClock : {false, true}) {
        if (withClock) entry.effects[0].clock = Hlc{5, 0};
        EXPECT_EQ(stored(entry).body[0], 3);
        const core::Result<Entry> back = decodeEntry(stored(entry));
        ASSERT_TRUE(back);
        expectSame(entry, *back);
        EXPECT_EQ(back->bornMs, entry.bornMs);
        EXPECT_EQ(back->effects[0].clock, entry.effects[0].clock);
    }
}

TEST(EntryCodec, RefusesEveryTruncationAndAnyTail) {
    Entry full = fullEntry();
    full.bornMs = full.atMs + 1;
    const StoredEntry whole = stored(full);
    for (std::size_t size = 0; size < whole.body.size(); ++size) {
        StoredEntry cut = whole;
        cut.body.resize(size);
        const core::Result<Entry> decoded = decodeEntry(cut);
        ASSERT_FALSE(decoded) << size;
        EXPECT_EQ(decoded.error().code, core::Code::storageUnavailable);
    }
    StoredEntry longer = whole;
    longer.body += 'x';
    EXPECT_FALSE(decodeEntry(longer));
    StoredEntry newer = whole;
    newer.body[0] = 9;
    EXPECT_EQ(decodeEntry(newer).error().reason, "entry 300 has an unknown version");
}

TEST(EntryCodec, SurvivesEveryFlippedByte) {
    const StoredEntry whole = stored(fullEntry());
    for (std::size_t at = 0; at < whole.body.size(); ++at)
        for (const int flip : {0x01, 0x80, 0xff}) {
            StoredEntry damaged = whole;
            damaged.body[at] = static_cast<char>(damaged.body[at] ^ flip);
            (void)decodeEntry(damaged);  // any answer, but no crash
        }
}

TEST(EntryCodec, TheChainCoversKindSeqKeyAndArguments) {
    const Entry entry = fullEntry();
    const std::uint64_t sum = chainSum(entry, 7);
    EXPECT_EQ(sum, chainSum(fullEntry(), 7));
    EXPECT_NE(sum, chainSum(entry, 8));
    Entry other = fullEntry();
    other.seq = 201;
    EXPECT_NE(sum, chainSum(other, 7));
    other = fullEntry();
    other.effects[0].kind = OpKind::set;
    EXPECT_NE(sum, chainSum(other, 7));
    other = fullEntry();
    other.effects[0].key = "widget:8";
    EXPECT_NE(sum, chainSum(other, 7));
    other = fullEntry();
    other.effects[0].arguments = R"("value":{"a":2})";
    EXPECT_NE(sum, chainSum(other, 7));
    other = fullEntry();
    other.by = "bob";
    EXPECT_EQ(sum, chainSum(other, 7));
}

TEST(ImageCodec, KeepsTheClocksOfStamps) {
    Record record;
    record.version = 9;
    record.stamps.mark("/a", StampClass::write, 8, {1, 2}, 100);
    EXPECT_EQ(encodeRecord(record)[0], 1);
    record.stamps.mark("/b", StampClass::write, 9, {1, 2}, 100, Hlc{7, 3});
    const std::string image = encodeRecord(record);
    EXPECT_EQ(image[0], 2);
    const core::Result<Record> back = decodeRecord(image);
    ASSERT_TRUE(back);
    EXPECT_EQ(encodeRecord(*back), image);
    EXPECT_FALSE(back->stamps.all()[0].clock);
    EXPECT_EQ(back->stamps.all()[1].clock, (Hlc{7, 3}));
    for (std::size_t size = 0; size < image.size(); ++size)
        EXPECT_FALSE(decodeRecord(std::string_view(image).substr(0, size))) << size;
}

TEST(ImageCodec, KeepsTheFloorOfARecord) {
    Record record;
    record.value = json::Value(7);
    record.deleted = false;
    record.version = 9;
    record.stamps.mark("/a", StampClass::write, 9, {1, 2}, 100, Hlc{7, 3});
    record.stamps.mark("/b", StampClass::write, 9, {1, 2}, 100);
    EXPECT_EQ(encodeRecord(record)[0], 2) << "what has no floor is as it always was";
    record.floor = 300;
    const std::string image = encodeRecord(record);
    EXPECT_EQ(image[0], 3);
    const core::Result<Record> back = decodeRecord(image);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->floor, 300U);
    EXPECT_EQ(encodeRecord(*back), image);
    for (std::size_t size = 0; size < image.size(); ++size)
        EXPECT_FALSE(decodeRecord(std::string_view(image).substr(0, size))) << size;
}

TEST(ImageCodec, GivesBackRecordsStreamsAndHeads) {
    Record record;
    record.value = parsed(R"({"a":[1,"x"],"b":null})");
    record.deleted = false;
    record.version = 9;
    record.lastBy = "ann";
    record.stamps.mark("/a", StampClass::write, 8, {1, 2}, 100);
    record.stamps.mark("/n", StampClass::count, 8, {1, 2}, 100);
    record.stamps.mark("/n", StampClass::count, 9, {3, 4}, 100);
    const std::string image = encodeRecord(record);
    const core::Result<Record> back = decodeRecord(image);
    ASSERT_TRUE(back);
    EXPECT_EQ(encodeRecord(*back), image);
    EXPECT_EQ(back->value, record.value);
    EXPECT_EQ(back->stamps.conflict("/n", StampClass::write, {3, 4}, 7).seq, 8U);
    for (std::size_t size = 0; size < image.size(); ++size)
        EXPECT_FALSE(decodeRecord(std::string_view(image).substr(0, size))) << size;

    Record tombstone;
    tombstone.version = 4;
    EXPECT_TRUE(decodeRecord(encodeRecord(tombstone))->deleted);

    Stream stream;
    stream.user = "ann";
    stream.lastUsedMs = 1'700'000'000'000;
    for (std::uint64_t n = 1; n <= 5; ++n)
        stream.add({n == 2 ? Outcome::rejected : Outcome::applied, n * 7, n, "k", "\"x\":1"});
    stream.forget(3);
    const std::string streamImage = encodeStream(stream);
    const core::Result<Stream> streamBack = decodeStream(streamImage);
    ASSERT_TRUE(streamBack);
    EXPECT_EQ(encodeStream(*streamBack), streamImage);
    EXPECT_EQ(streamBack->high(), 5U);
    EXPECT_FALSE(streamBack->tookEffect(2));
    EXPECT_EQ(streamBack->find(5)->hash, 35U);
    for (std::size_t size = 0; size < streamImage.size(); ++size)
        EXPECT_FALSE(decodeStream(std::string_view(streamImage).substr(0, size))) << size;

    CommittedState state;
    state.sum = 77;
    state.floor = 5;
    state.history.noteBytes(1'000);
    state.history.addMark(3, 2, 1'700'000'000'000);
    const std::string head = encodeHead(state);
    CommittedState restored;
    ASSERT_TRUE(decodeHead(head, restored));
    EXPECT_EQ(encodeHead(restored), head);
    EXPECT_EQ(restored.sum, 77U);
    for (std::size_t size = 0; size + 1 < head.size(); ++size)
        EXPECT_FALSE(decodeHead(std::string_view(head).substr(0, size), restored)) << size;
    EXPECT_TRUE(decodeHead(std::string_view(head).substr(0, head.size() - 1), restored))
        << "one that an older server wrote, which did not note when it forgot streams";
}

}  // namespace
}  // namespace syncline::channel
