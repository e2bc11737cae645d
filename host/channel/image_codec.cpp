// SPDX-License-Identifier: Apache-2.0
#include "channel/image_codec.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "channel/bytes.h"
#include "json/parse.h"
#include "json/write.h"

namespace syncline::channel {

namespace {

constexpr std::uint8_t kVersion = 1;
// Of a record some of whose stamps have a clock: a byte behind each says so.
constexpr std::uint8_t kWithClocks = 2;
constexpr json::ParseLimits kTrusted{1'000, static_cast<std::size_t>(-1), false};

tl::unexpected<core::Error> damaged(const char* what) {
    return core::fail(core::Code::storageUnavailable,
                      std::string("the image of a ") + what + " is damaged");
}

void appendStamp(const PathStamps::Stamp& stamp, std::string& out) {
    appendText(out, stamp.path);
    out += static_cast<char>(stamp.stampClass);
    appendVarint(out, stamp.seq);
    appendFixed64(out, stamp.stream.high);
    appendFixed64(out, stamp.stream.low);
    appendVarint(out, stamp.otherSeq);
}

bool anyClock(const PathStamps& stamps) {
    return std::ranges::any_of(
        stamps.all(), [](const PathStamps::Stamp& stamp) { return stamp.clock.has_value(); });
}

void appendClock(const std::optional<Hlc>& clock, std::string& out) {
    out += static_cast<char>(clock ? 1 : 0);
    if (!clock) return;
    appendVarint(out, static_cast<std::uint64_t>(clock->ms));
    appendVarint(out, clock->counter);
}

std::optional<Hlc> readClock(ByteReader& bytes) {
    if (bytes.byte() == 0) return std::nullopt;
    const auto ms = static_cast<std::int64_t>(bytes.varint());
    return Hlc{ms, static_cast<std::uint32_t>(bytes.varint())};
}

PathStamps::Stamp readStamp(ByteReader& bytes) {
    PathStamps::Stamp stamp;
    stamp.path = bytes.text();
    stamp.stampClass = static_cast<StampClass>(bytes.byte());
    stamp.seq = bytes.varint();
    stamp.stream.high = bytes.fixed64();
    stamp.stream.low = bytes.fixed64();
    stamp.otherSeq = bytes.varint();
    return stamp;
}

void appendVerdict(const StoredVerdict& verdict, std::string& out) {
    out += static_cast<char>(verdict.outcome);
    appendFixed64(out, verdict.hash);
    appendVarint(out, verdict.seq);
    appendText(out, verdict.key);
    appendText(out, verdict.extra);
}

StoredVerdict readVerdict(ByteReader& bytes) {
    StoredVerdict verdict;
    verdict.outcome = static_cast<Outcome>(bytes.byte());
    verdict.hash = bytes.fixed64();
    verdict.seq = bytes.varint();
    verdict.key = bytes.text();
    verdict.extra = bytes.text();
    return verdict;
}

}  // namespace

std::string encodeRecord(const Record& record) {
    const bool withClocks = anyClock(record.stamps);
    std::string image;
    image += static_cast<char>(withClocks ? kWithClocks : kVersion);
    image += static_cast<char>(record.deleted ? 1 : 0);
    appendVarint(image, record.version);
    appendText(image, record.lastBy);
    appendVarint(image, record.stamps.all().size());
    for (const PathStamps::Stamp& stamp : record.stamps.all()) {
        appendStamp(stamp, image);
        if (withClocks) appendClock(stamp.clock, image);
    }
    if (!record.deleted) json::write(record.value, image);
    return image;
}

core::Result<Record> decodeRecord(std::string_view image) {
    ByteReader bytes(image);
    const std::uint8_t version = bytes.byte();
    if (version != kVersion && version != kWithClocks) return damaged("record");
    Record record;
    record.deleted = bytes.byte() != 0;
    record.version = bytes.varint();
    record.lastBy = bytes.text();
    for (std::size_t left = bytes.count(); left > 0 && bytes.ok(); --left) {
        PathStamps::Stamp stamp = readStamp(bytes);
        if (version == kWithClocks) stamp.clock = readClock(bytes);
        record.stamps.restore(std::move(stamp));
    }
    if (!bytes.ok() || record.deleted != bytes.atEnd()) return damaged("record");
    if (record.deleted) return record;
    core::Result<json::Value> value = json::parse(bytes.rest(), kTrusted);
    if (!value) return damaged("record");
    record.bytesMax = bytes.rest().size();
    record.value = std::move(*value);
    return record;
}

// Of an Idempotency-Key; else as version 1.
constexpr std::uint8_t kKeyedStream = 2;

std::string encodeStream(const Stream& stream) {
    std::string image;
    image += static_cast<char>(stream.keyed ? kKeyedStream : kVersion);
    appendText(image, stream.user);
    appendVarint(image, static_cast<std::uint64_t>(stream.lastUsedMs));
    appendVarint(image, stream.forgotten());
    appendVarint(image, stream.unknownUpTo());
    appendVarint(image, stream.refused().size());
    for (const std::uint64_t n : stream.refused()) appendVarint(image, n);
    appendVarint(image, stream.kept());
    for (std::uint64_t n = stream.forgotten() + 1; n <= stream.high(); ++n)
        appendVerdict(*stream.find(n), image);
    return image;
}

core::Result<Stream> decodeStream(std::string_view image) {
    ByteReader bytes(image);
    const std::uint8_t version = bytes.byte();
    if (version != kVersion && version != kKeyedStream) return damaged("stream");
    Stream stream;
    stream.keyed = version == kKeyedStream;
    stream.user = bytes.text();
    stream.lastUsedMs = static_cast<std::int64_t>(bytes.varint());
    const std::uint64_t forgotten = bytes.varint();
    const std::uint64_t unknownUpTo = bytes.varint();
    std::vector<std::uint64_t> refused;
    for (std::size_t left = bytes.count(); left > 0 && bytes.ok(); --left)
        refused.push_back(bytes.varint());
    stream.restore(forgotten, unknownUpTo, std::move(refused));
    for (std::size_t left = bytes.count(); left > 0 && bytes.ok(); --left)
        stream.add(readVerdict(bytes));
    if (!bytes.ok() || !bytes.atEnd()) return damaged("stream");
    return stream;
}

std::string encodeHead(const CommittedState& state) {
    std::string image;
    image += static_cast<char>(kVersion);
    appendFixed64(image, state.sum);
    appendVarint(image, state.floor);
    appendVarint(image, state.history.bytes());
    appendVarint(image, state.history.passedSeq());
    appendVarint(image, state.history.marks().size());
    for (const History::Mark& mark : state.history.marks()) {
        appendVarint(image, mark.index);
        appendVarint(image, mark.seq);
        appendVarint(image, static_cast<std::uint64_t>(mark.atMs));
        appendVarint(image, mark.bytes);
    }
    appendVarint(image, static_cast<std::uint64_t>(state.agedMs));
    return image;
}

core::Result<void> decodeHead(std::string_view image, CommittedState& state) {
    ByteReader bytes(image);
    if (bytes.byte() != kVersion) return damaged("channel's head");
    state.sum = bytes.fixed64();
    state.floor = bytes.varint();
    const std::uint64_t written = bytes.varint();
    const std::uint64_t passedSeq = bytes.varint();
    std::vector<History::Mark> marks;
    for (std::size_t left = bytes.count(); left > 0 && bytes.ok(); --left) {
        History::Mark mark;
        mark.index = bytes.varint();
        mark.seq = bytes.varint();
        mark.atMs = static_cast<std::int64_t>(bytes.varint());
        mark.bytes = bytes.varint();
        marks.push_back(mark);
    }
    // Heads of older servers end here.
    if (!bytes.atEnd()) state.agedMs = static_cast<std::int64_t>(bytes.varint());
    if (!bytes.ok() || !bytes.atEnd()) return damaged("channel's head");
    state.history.restore(std::move(marks), written, passedSeq);
    return {};
}

}  // namespace syncline::channel
