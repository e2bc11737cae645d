// SPDX-License-Identifier: Apache-2.0
#include "channel/entry_codec.h"

#include <utility>

#include "channel/bytes.h"
#include "core/ids.h"

namespace syncline::channel {

namespace {

constexpr std::uint8_t kVersion = 1;

enum Flag : std::uint8_t { hasEpoch = 1, hasStream = 2, hasEffect = 4, hasMarks = 8, isKeyed = 16 };

std::uint8_t flagsOf(const Entry& entry) {
    std::uint8_t flags = 0;
    if (!entry.epoch.empty()) flags |= hasEpoch;
    if (!entry.stream.isNobody()) flags |= hasStream;
    if (entry.keyed) flags |= isKeyed;
    if (entry.effect) flags |= hasEffect;
    if (entry.effect && entry.effect->marks) flags |= hasMarks;
    return flags;
}

std::size_t sizeGuess(const Entry& entry) {
    constexpr std::size_t kFixed = 96;
    std::size_t size = kFixed + entry.verdict.key.size() + entry.verdict.extra.size() +
                       entry.submitted.size() + entry.by.size() + entry.origin.size();
    if (entry.effect) size += entry.effect->arguments.size() + entry.effect->undo.size();
    return size;
}

Effect readEffect(ByteReader& bytes, std::uint8_t flags, std::uint64_t& sum) {
    Effect effect;
    effect.kind = static_cast<OpKind>(bytes.byte());
    effect.arguments = bytes.text();
    effect.previousVersion = bytes.varint();
    effect.undo = bytes.text();
    sum = bytes.fixed64();
    if ((flags & hasMarks) == 0) return effect;
    effect.marks.emplace();
    for (std::size_t left = bytes.count(); left > 0 && bytes.ok(); --left)
        effect.marks->emplace_back(bytes.text());
    return effect;
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
    if (!outcomeKnown || tookEffect(entry.verdict.outcome) != entry.effect.has_value())
        return false;
    if (!entry.effect) return entry.seq == 0;
    return entry.seq != 0 && entry.effect->kind >= OpKind::set &&
           entry.effect->kind <= OpKind::remove;
}

}  // namespace

std::uint64_t chainSum(const Entry& entry, std::uint64_t previousSum) {
    const Effect& effect = *entry.effect;
    const std::uint64_t hash = changeHash(entry.verdict.key, nameOf(effect.kind), effect.arguments);
    return chainSum(hash, entry.seq, previousSum);
}

std::uint64_t chainSum(std::uint64_t effectHash, std::uint64_t seq, std::uint64_t previousSum) {
    std::string link;
    appendFixed64(link, effectHash);
    appendFixed64(link, seq);
    return core::stableHash(link, previousSum);
}

std::uint64_t firstSum(std::string_view epoch) {
    return core::stableHash(epoch);
}

void encodeEntry(const Entry& entry, std::string& body) {
    const std::uint8_t flags = flagsOf(entry);
    body.reserve(body.size() + sizeGuess(entry));
    body += static_cast<char>(kVersion);
    body += static_cast<char>(flags);
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
    if ((flags & hasEffect) == 0) return;
    const Effect& effect = *entry.effect;
    body += static_cast<char>(effect.kind);
    appendText(body, effect.arguments);
    appendVarint(body, effect.previousVersion);
    appendText(body, effect.undo);
    appendFixed64(body, entry.sum);
    if ((flags & hasMarks) == 0) return;
    appendVarint(body, effect.marks->size());
    for (const std::string& path : *effect.marks) appendText(body, path);
}

core::Result<Entry> decodeEntry(const StoredEntry& stored) {
    const auto bad = [&](const char* why) {
        return core::fail(core::Code::storageUnavailable,
                          "entry " + std::to_string(stored.index) + " " + why);
    };
    ByteReader bytes(stored.body);
    if (bytes.byte() != kVersion) return bad("has an unknown version");
    const std::uint8_t flags = bytes.byte();
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
    if (flags & hasEffect) entry.effect = readEffect(bytes, flags, entry.sum);
    if (!bytes.ok() || !bytes.atEnd() || !isSound(entry)) return bad("is damaged");
    return entry;
}

}  // namespace syncline::channel
