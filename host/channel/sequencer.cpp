// SPDX-License-Identifier: Apache-2.0
#include "channel/sequencer.h"

#include <algorithm>
#include <utility>

#include "channel/conflict_report.h"
#include "channel/entry_codec.h"
#include "channel/member_text.h"
#include "channel/replies.h"
#include "channel/undo.h"

namespace syncline::channel {

namespace {

using core::Code;
using core::Error;

bool isVoid(const Op& op) {
    return op.kind == OpKind::none && !op.refused;
}

void reject(Entry& entry, const Error& error) {
    entry.verdict.outcome = Outcome::rejected;
    entry.verdict.extra = rejectionMembers(error);
}

std::string asSubmitted(const Op& op) {
    std::string text;
    appendMember(text, "kind", nameOf(op.kind));
    if (!op.argumentsText.empty()) {
        text += ',';
        text += op.argumentsText;
    }
    return text;
}

std::vector<Touch> writes(const std::vector<std::string>& paths) {
    std::vector<Touch> touches;
    for (const std::string& path : paths) touches.push_back({path, StampClass::write});
    return touches;
}

// What a change builds on: a new value drops all stamps of the record unless it names its own.
ChannelState::Carry carryFor(const EffectiveChange& change) {
    if (change.kind == OpKind::merge || change.kind == OpKind::increment)
        return ChannelState::Carry::all;
    return change.marks ? ChannelState::Carry::stamps : ChannelState::Carry::nothing;
}

}  // namespace

/// One op on its way through the sequencer.
struct Sequencer::Work {
    ChannelState& state;
    Op& op;
    const Writer& writer;
    Entry entry;
    const Record* record = nullptr;

    const json::Value* current() const { return record == nullptr ? nullptr : record->current(); }
};

Sequencer::Sequencer(std::string channel, const SequencerLimits& limits,
                     std::span<const ConflictRule> rules)
    : channel_(std::move(channel)),
      quotedChannel_(quoted(channel_)),
      limits_(limits),
      rules_(rules, channel_) {}

Decision Sequencer::sequence(ChannelState& state, Op& op, const Writer& writer,
                             std::int64_t nowMs) const {
    if (std::optional<Decision> early = withoutNumber(state, op, writer, nowMs))
        return std::move(*early);
    Work work{state, op, writer, {}, nullptr};
    Entry& entry = work.entry;
    entry.index = state.index() + 1;
    entry.atMs = nowMs;
    if (!state.committed().epochWritten && state.inFlight() == 0)
        entry.epoch = state.committed().epoch;
    entry.stream = writer.stream;
    entry.n = op.n;
    entry.keyed = op.keyed;
    entry.done = op.done;
    entry.by = writer.user;
    entry.origin = writer.origin;
    entry.verdict.hash = op.hash;
    entry.verdict.key = op.key;
    if (const std::optional<Error> error = judge(work)) return unsettled(op, *error);
    state.append(std::move(entry));
    return {};
}

// Numbers: what is answered without consuming one.
std::optional<Decision> Sequencer::withoutNumber(const ChannelState& state, const Op& op,
                                                 const Writer& writer, std::int64_t nowMs) const {
    const std::uint64_t high = state.high(writer.stream);
    if (op.n <= high) return repeated(state, op, writer);
    if (high == 0 && op.bornMs != 0 && op.bornMs < nowMs - limits_.streamAgeMsMax)
        return unsettled(op, Error::of(Code::clientUnknown,
                                       "the numbers of this client were forgotten long ago"));
    if (op.n > high + 1) {
        Error error = Error::of(Code::gap, "numbers before this one are missing");
        error.detail = "{\"expected\":" + std::to_string(high + 1) + "}";
        return unsettled(op, error);
    }
    if (op.refused && op.refused->retry) return unsettled(op, *op.refused);
    if (op.keyed && state.committed().keys + state.inFlight() >= limits_.keysMax)
        return unsettled(op, Error::of(Code::busy, "the channel remembers too many keys"));
    if (high >= limits_.outcomesMax &&
        state.outcomesKept(writer.stream, op.done) >= limits_.outcomesMax)
        return unsettled(op, Error::of(Code::busy, "too many outcomes that are not done"));
    const Stream* stream = state.committed().find(writer.stream);
    if (stream != nullptr && stream->bytes() >= limits_.outcomesBytesMax &&
        op.done <= stream->forgotten())
        return unsettled(op, Error::of(Code::busy, "the outcomes that are not done are too large"));
    return std::nullopt;
}

Decision Sequencer::repeated(const ChannelState& state, const Op& op, const Writer& writer) const {
    const StoredVerdict* verdict = state.verdict(writer.stream, op.n);
    if (verdict == nullptr)
        return unsettled(op, Error::of(Code::clientUnknown,
                                       "the outcome of this number was settled and forgotten"));
    const bool mayDiffer = isVoid(op) || verdict->outcome == Outcome::voided;
    if (!mayDiffer && verdict->hash != op.hash)
        return unsettled(
            op, Error::of(Code::numberReused, op.keyed ? "this key was used for another write"
                                                       : "this number was used for another op"));
    if (op.n > state.committed().high(writer.stream)) return {Decision::Kind::waits, {}};
    return {Decision::Kind::answered, verdictReply(quotedChannel_, op.n, *verdict, true)};
}

Decision Sequencer::unsettled(const Op& op, const Error& error) const {
    return {Decision::Kind::answered, unsettledReply(quotedChannel_, op.n, error)};
}

// Fills the entry's outcome. An error is one that consumes no number.
std::optional<Error> Sequencer::judge(Work& work) const {
    Op& op = work.op;
    const CommittedState& committed = work.state.committed();
    if (op.refused) {
        reject(work.entry, *op.refused);
        return std::nullopt;
    }
    if (op.kind == OpKind::none) {
        work.entry.verdict.outcome = Outcome::voided;
        return std::nullopt;
    }
    if (op.epoch && *op.epoch != committed.epoch)
        return Error::of(Code::wrongEpochOrBase, "the channel has another epoch");
    if (op.base && *op.base > committed.seq)
        return Error::of(Code::wrongEpochOrBase, "base is ahead of the channel");
    if (op.after != 0 && !work.state.tookEffect(work.writer.stream, op.after)) {
        reject(work.entry,
               Error::of(Code::dependency, "the op that this one builds on was not applied"));
        return std::nullopt;
    }
    return change(work);
}

std::optional<Error> Sequencer::change(Work& work) const {
    Op& op = work.op;
    work.record = work.state.find(op.key);
    if (work.record == nullptr && work.state.recordCount() >= limits_.recordsMax) {
        reject(work.entry, Error::of(Code::tooLarge, "the channel has too many records"));
        return std::nullopt;
    }
    const std::vector<Touch> touches = touchedBy(op.kind, op.arguments, work.current());
    const std::vector<PathStamps::Hit> met = hits(work, touches);
    const auto newest = std::ranges::max_element(met, {}, &PathStamps::Hit::seq);
    const bool meets = newest != met.end() && newest->seq != 0;
    if (!meets && !rules_.anyAsksAlways()) {
        apply(work, {op.kind, std::move(op.arguments), std::move(op.argumentsText), {}}, touches);
        return std::nullopt;
    }
    std::string_view theirBy = meets ? work.state.userOf(newest->stream) : std::string_view();
    if (theirBy.empty() && work.record != nullptr) theirBy = work.record->lastBy;
    return settle(work, {channel_, op, work.state, work.record, touches, met, work.writer.user,
                         theirBy, work.writer.stream, work.entry.atMs});
}

std::optional<Error> Sequencer::settle(Work& work, const Dispute& dispute) const {
    Op& op = work.op;
    BaseValue base(dispute);
    core::Result<Ruling> ruling = ruleOn(dispute, rules_, base);
    if (!ruling) {
        if (ruling.error().retry) return std::move(ruling.error());
        reject(work.entry, ruling.error());
        return std::nullopt;
    }
    switch (ruling->kind) {
        case Ruling::Kind::plain:
            apply(work, {op.kind, std::move(op.arguments), std::move(op.argumentsText), {}},
                  dispute.touches);
            break;
        case Ruling::Kind::changed: {
            work.entry.verdict.outcome = Outcome::merged;
            EffectiveChange made =
                changeOf(op, work.current(), dispute.touches, std::move(ruling->verdicts));
            const std::vector<Touch> own =
                made.marks ? writes(*made.marks)
                           : touchedBy(made.kind, made.arguments, work.current());
            apply(work, std::move(made), own);
            break;
        }
        case Ruling::Kind::refuse:
            reject(work.entry, refusedByRule(dispute, ruling->paths));
            break;
        case Ruling::Kind::conflict:
            work.entry.verdict.outcome = Outcome::conflict;
            work.entry.verdict.extra = conflictMembers(dispute, base, ruling->paths);
            work.entry.submitted = asSubmitted(op);
            break;
    }
    return std::nullopt;
}

std::vector<PathStamps::Hit> Sequencer::hits(const Work& work,
                                             std::span<const Touch> touches) const {
    std::vector<PathStamps::Hit> met(touches.size());
    if (!work.op.base) return met;
    const std::uint64_t base = *work.op.base;
    if (work.record == nullptr) {
        // The record that this change builds on may have been deleted, and its tombstone forgotten.
        // A set creates, whatever was there; nothing was known at 0.
        const std::uint64_t floor = work.state.committed().floor;
        if (work.op.kind != OpKind::set && base != 0 && base < floor)
            std::ranges::fill(met, PathStamps::Hit{floor, {}});
        return met;
    }
    if (work.record->version <= base) return met;
    for (std::size_t i = 0; i < touches.size(); ++i)
        met[i] = work.record->stamps.conflict(touches[i].path, touches[i].stampClass,
                                              work.writer.stream, base);
    return met;
}

void Sequencer::apply(Work& work, EffectiveChange change, std::span<const Touch> touches) const {
    Entry& entry = work.entry;
    std::size_t bytesMax = 0;
    std::optional<Error> wrong;
    if (change.kind == OpKind::increment)
        if (core::Result<double> sum = incremented(work.current(), change.arguments); !sum)
            wrong = std::move(sum.error());
    if (!wrong) wrong = tooLarge(work, change, bytesMax);
    if (wrong) {
        if (work.op.argumentsText.empty()) work.op.argumentsText = std::move(change.text);
        reject(entry, *wrong);
        return;
    }
    if (entry.verdict.outcome == Outcome::merged) entry.submitted = asSubmitted(work.op);
    entry.seq = work.state.seq() + 1;
    entry.verdict.seq = entry.seq;
    entry.effect.emplace();
    Effect& effect = *entry.effect;
    effect.kind = change.kind;
    effect.previousVersion = work.record == nullptr ? 0 : work.record->version;
    effect.undo = undoOf(change.kind, change.arguments, work.current());
    effect.arguments = std::move(change.text);
    // An op that is applied as it came is its own effect.
    entry.sum = entry.verdict.outcome == Outcome::applied
                    ? chainSum(work.op.hash, entry.seq, work.state.sum())
                    : chainSum(entry, work.state.sum());

    Record& record = work.state.change(work.op.key, carryFor(change));
    applyPlainly(change.kind, std::move(change.arguments), record);
    record.bytesMax = bytesMax;
    if (carryFor(change) == ChannelState::Carry::nothing) record.stamps = {};
    stamp(record, touches, {entry.seq, entry.stream, entry.by}, limits_.stampsMax);
    effect.marks = std::move(change.marks);
    if (entry.verdict.outcome == Outcome::merged)
        appendMember(entry.verdict.extra, "value", record.value);
}

// The bound that is kept along is a sum of parts; only when it says too much is the text counted.
std::optional<Error> Sequencer::tooLarge(const Work& work, const EffectiveChange& change,
                                         std::size_t& bytesMax) const {
    static const Record kNone;
    const Record& before = work.record == nullptr ? kNone : *work.record;
    bytesMax = bytesMaxAfter(change.kind, change.arguments, change.text.size(), before);
    if (bytesMax <= limits_.recordBytesMax) return std::nullopt;
    Record after;
    after.value = before.value.clone();
    after.deleted = before.deleted;
    core::Result<Arguments> again = readArguments(change.kind, change.text);
    if (!again) return std::move(again.error());
    applyPlainly(change.kind, std::move(*again), after);
    bytesMax = json::toText(after.value).size();
    if (bytesMax <= limits_.recordBytesMax) return std::nullopt;
    return Error::of(Code::tooLarge, "the record is larger than the limit");
}

}  // namespace syncline::channel
