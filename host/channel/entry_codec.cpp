// SPDX-License-Identifier: Apache-2.0
#include "channel/entry_codec.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "channel/bytes.h"
#include "core/ids.h"

namespace syncline::channel {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kWithClocks = 2;
constexpr std::uint8_t kWithMoreFlags = 3;

// Those beyond the first byte make it version 3.
enum Flag : std::uint16_t {
    hasEpoch = 1,
    hasStream = 2,
    hasEffect = 4,
    hasMarks = 8,
    isKeyed = 16,
    isBatch = 32,
    hasClock = 64,
    hasFloor = 256,
    hasBorn = 512
};

// What stands behind an effect of a batch.
enum Behind : std::uint8_t { marksBehind = 1, clockBehind = 2, floorBehind = 4 };

std::uint16_t flagsOf(const Entry& entry) {
    std::uint16_t flags = 0;
    if (!entry.epoch.empty()) flags |= hasEpoch;
    if (!entry.stream.isNobody()) flags |= hasStream;
    if (entry.bornMs != 0) flags |= hasBorn;
    if (entry.keyed) flags |= isKeyed;
    if (entry.isBatch) {
        flags |= isBatch;
    } else if (!entry.effects.empty()) {
        flags |= hasEffect;
        if (entry.effects.front().marks) flags |= hasMarks;
        if (entry.effects.front().clock) flags |= hasClock;
        if (entry.effects.front().floor != 0) flags |= hasFloor;
    }
    return flags;
}

std::uint8_t versionOf(const Entry& entry, std::uint16_t flags) {
    const auto withFloor = [](const Effect& effect) { return effect.floor != 0; };
    const auto withClock = [](const Effect& effect) { return effect.clock.has_value(); };
    if (flags > 0xff || std::ranges::any_of(entry.effects, withFloor)) return kWithMoreFlags;
    return std::ranges::any_of(entry.effects, withClock) ? kWithClocks : kVersion;
}

std::size_t sizeGuess(const Entry& entry) {
    constexpr std::size_t kFixed = 96;
    std::size_t size = kFixed + entry.verdict.key.size() + entry.verdict.extra.size() +
                       entry.submitted.size() + entry.by.size() + entry.origin.size();
    for (const Effect& effect : entry.effects)
        size += effect.arguments.size() + effect.undo.size() + effect.key.size() + 16;
    return size;
}

void appendMarks(const std::vector<std::string>& marks, std::string& body) {
    appendVarint(body, marks.size());
    for (const std::string& path : marks) appendText(body, path);
}

void readMarks(ByteReader& bytes, Effect& effect) {
    effect.marks.emplace();
    for (std::size_t left = bytes.count(); left > 0 && bytes.ok(); --left)
        effect.marks->emplace_back(bytes.text());
}

void appendClock(const Hlc& clock, std::string& body) {
    appendVarint(body, static_cast<std::uint64_t>(clock.ms));
    appendVarint(body, clock.counter);
}

void readClock(ByteReader& bytes, Effect& effect) {
    const auto ms = static_cast<std::int64_t>(bytes.varint());
    effect.clock = Hlc{ms, static_cast<std::uint32_t>(bytes.varint())};
}

void appendChange(const Effect& effect, std::string& body) {
    body += static_cast<char>(effect.kind);
    appendText(body, effect.arguments);
    appendVarint(body, effect.previousVersion);
    appendText(body, effect.undo);
}

void readChange(ByteReader& bytes, Effect& effect) {
    effect.kind = static_cast<OpKind>(bytes.byte());
    effect.arguments = bytes.text();
    effect.previousVersion = bytes.varint();
    effect.undo = bytes.text();
}

void appendBatch(const Entry& entry, std::string& body) {
    appendVarint(body, entry.effects.size());
    appendFixed64(body, entry.sum);
    for (const Effect& effect : entry.effects) {
        appendText(body, effect.key);
        appendChange(effect, body);
        body +=
            static_cast<char>((effect.marks ? marksBehind : 0) | (effect.clock ? clockBehind : 0) |
                              (effect.floor != 0 ? floorBehind : 0));
        if (effect.marks) appendMarks(*effect.marks, body);
        if (effect.clock) appendClock(*effect.clock, body);
        if (effect.floor != 0) appendVarint(body, effect.floor);
    }
}

void readBatch(ByteReader& bytes, Entry& entry) {
    entry.isBatch = true;
    std::size_t left = bytes.count();
    entry.sum = bytes.fixed64();
    for (; left > 0 && bytes.ok(); --left) {
        Effect& effect = entry.effects.emplace_back();
        effect.key = bytes.text();
        readChange(bytes, effect);
        const std::uint8_t behind = bytes.byte();
        if ((behind & marksBehind) != 0) readMarks(bytes, effect);
        if ((behind & clockBehind) != 0) readClock(bytes, effect);
        if ((behind & floorBehind) != 0) effect.floor = bytes.varint();
    }
}

void readVerdict(ByteReader& bytes, Entry& entry) {
    entry.verdict.outcome = static_cast<Outcome>(bytes.byte());
    entry.verdict.hash = bytes.fixed64();
    entry.verdict.seq = entry.seq;
    entry.verdict.key = bytes.text();
    entry.verdict.extra = bytes.text();
    entry.submitted = bytes.text();
    entry.by = bytes.text();
    entry.origin = bytes.text();
}

bool isSound(const Entry& entry) {
    const bool outcomeKnown =
        entry.verdict.outcome >= Outcome::applied && entry.verdict.outcome <= Outcome::voided;
    if (!outcomeKnown || tookEffect(entry.verdict.outcome) == entry.effects.empty()) return false;
    if ((entry.seq == 0) != entry.effects.empty()) return false;
    return std::ranges::all_of(entry.effects, [](const Effect& effect) {
        return effect.kind >= OpKind::set && effect.kind <= kLastKind;
    });
}

}  // namespace

std::uint64_t chainSum(const Entry& entry, std::uint64_t previousSum) {
    std::vector<std::uint64_t> hashes;
    for (const Effect& effect : entry.effects)
        hashes.push_back(changeHash(effect.key, nameOf(effect.kind), effect.arguments));
    return chainSum(entry.isBatch ? batchHash(hashes) : hashes.front(), entry.seq, previousSum);
}

std::uint64_t chainSum(std::uint64_t effectHash, std::uint64_t seq, std::uint64_t previousSum) {
    const std::array<std::array<char, 8>, 2> link = {fixed64(effectHash), fixed64(seq)};
    return core::stableHash({link.front().data(), sizeof(link)}, previousSum);
}

std::uint64_t firstSum(std::string_view epoch) {
    return core::stableHash(epoch);
}

void encodeEntry(const Entry& entry, std::string& body) {
    const std::uint16_t flags = flagsOf(entry);
    const std::uint8_t version = versionOf(entry, flags);
    body.reserve(body.size() + sizeGuess(entry));
    body += static_cast<char>(version);
    body += static_cast<char>(flags & 0xff);
    if (version >= kWithMoreFlags) body += static_cast<char>(flags >> 8);
    body += static_cast<char>(entry.verdict.outcome);
    appendFixed64(body, entry.verdict.hash);
    appendText(body, entry.verdict.key);
    appendText(body, entry.verdict.extra);
    appendText(body, entry.submitted);
    appendText(body, entry.by);
    appendText(body, entry.origin);
    if (flags & hasEpoch) appendText(body, entry.epoch);
    if (flags & hasStream) {
        appendFixed64(body, entry.stream.high);
        appendFixed64(body, entry.stream.low);
        appendVarint(body, entry.n);
        appendVarint(body, entry.done);
    }
    if (flags & hasBorn) appendVarint(body, static_cast<std::uint64_t>(entry.bornMs));
    if (flags & isBatch) appendBatch(entry, body);
    if ((flags & hasEffect) == 0) return;
    const Effect& effect = entry.effects.front();
    appendChange(effect, body);
    appendFixed64(body, entry.sum);
    if (flags & hasMarks) appendMarks(*effect.marks, body);
    if (flags & hasClock) appendClock(*effect.clock, body);
    if (flags & hasFloor) appendVarint(body, effect.floor);
}

core::Result<Entry> decodeEntry(const StoredEntry& stored) {
    const auto bad = [&](const char* why) {
        return core::fail(core::Code::storageUnavailable,
                          "entry " + std::to_string(stored.index) + " " + why);
    };
    ByteReader bytes(stored.body);
    const std::uint8_t version = bytes.byte();
    if (version < kVersion || version > kWithMoreFlags) return bad("has an unknown version");
    std::uint16_t flags = bytes.byte();
    if (version >= kWithMoreFlags) flags |= static_cast<std::uint16_t>(bytes.byte() << 8);
    Entry entry;
    entry.index = stored.index;
    entry.seq = stored.seq;
    entry.atMs = stored.atMs;
    readVerdict(bytes, entry);
    if (flags & hasEpoch) entry.epoch = bytes.text();
    if (flags & hasStream) {
        entry.stream.high = bytes.fixed64();
        entry.stream.low = bytes.fixed64();
        entry.n = bytes.varint();
        entry.done = bytes.varint();
        entry.keyed = (flags & isKeyed) != 0;
    }
    if (flags & hasBorn) entry.bornMs = static_cast<std::int64_t>(bytes.varint());
    if (flags & isBatch) readBatch(bytes, entry);
    if (flags & hasEffect) {
        Effect& effect = entry.effects.emplace_back();
        effect.key = entry.verdict.key;
        readChange(bytes, effect);
        entry.sum = bytes.fixed64();
        if (flags & hasMarks) readMarks(bytes, effect);
        if (flags & hasClock) readClock(bytes, effect);
        if (flags & hasFloor) effect.floor = bytes.varint();
    }
    if (!bytes.ok() || !bytes.atEnd() || !isSound(entry)) return bad("is damaged");
    return entry;
}

}  // namespace syncline::channel
