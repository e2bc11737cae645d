// SPDX-License-Identifier: Apache-2.0
#include "channel/sequencer.h"

#include <algorithm>
#include <utility>

#include "channel/entry_codec.h"
#include "channel/member_text.h"
#include "channel/replies.h"
#include "channel/sequencer_work.h"

namespace syncline::channel {

namespace {

using core::Code;
using core::Error;

// What a batch came to where that differs from what was asked, as a snapshot tells it.
void appendMerged(std::string& out, std::span<const std::string> keys, const ChannelState& state) {
    appendName(out, "records");
    char before = '[';
    for (const std::string& key : keys) {
        const Record& record = *state.find(key);
        out += before;
        out += '{';
        appendMember(out, "key", key);
        appendMember(out, "version", record.version);
        if (record.deleted)
            appendMember(out, "deleted", true);
        else
            appendMember(out, "value", record.value);
        out += '}';
        before = ',';
    }
    out += ']';
}

}  // namespace

Sequencer::Sequencer(std::string channel, const SequencerLimits& limits,
                     std::span<const ConflictRule> rules)
    : channel_(std::move(channel)),
      quotedChannel_(quoted(channel_)),
      limits_(limits),
      bounds_{limits.patchStepsMax, limits.depthMax, limits.recordBytesMax},
      rules_(rules, channel_) {}

void Sequencer::reject(Work& work, Error error) {
    work.entry.verdict.outcome = Outcome::rejected;
    work.entry.verdict.extra = rejectionMembers(error);
    work.refusal = std::move(error);
}

Decision Sequencer::sequence(ChannelState& state, Op& op, const Writer& writer,
                             std::int64_t nowMs) const {
    if (std::optional<Decision> early = withoutNumber(state, op, writer, nowMs))
        return std::move(*early);
    Work work(state, op, writer);
    Entry& entry = work.entry;
    entry.index = state.index() + 1;
    entry.atMs = nowMs;
    if (!state.committed().epochWritten && state.inFlight() == 0)
        entry.epoch = state.committed().epoch;
    entry.stream = writer.stream;
    entry.n = op.n;
    if (op.n == 1 && op.bornMs > nowMs) entry.bornMs = op.bornMs;
    entry.keyed = op.keyed;
    entry.done = op.done;
    entry.by = writer.user;
    entry.origin = writer.origin;
    entry.verdict.hash = op.hash;
    if (!op.isBatch && !op.changes.empty()) entry.verdict.key = op.changes.front().key;
    entry.isBatch = op.isBatch;
    if (const std::optional<Error> error = judge(work)) return unsettled(op, *error);
    if (work.manual && entry.verdict.outcome == Outcome::conflict)
        appendWithConflict(work);
    else
        state.append(std::move(entry));
    return {};
}

// Numbers: what is answered without consuming one.
std::optional<Decision> Sequencer::withoutNumber(const ChannelState& state, const Op& op,
                                                 const Writer& writer, std::int64_t nowMs) const {
    const std::uint64_t high = state.high(writer.stream);
    if (op.n <= high) return repeated(state, op, writer);
    if (const auto error = forgotten(state, writer.stream, op.bornMs, nowMs))
        return unsettled(op, *error);
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

std::optional<Error> Sequencer::forgotten(const ChannelState& state, const StreamId& stream,
                                          std::int64_t bornMs, std::int64_t nowMs) const {
    if (bornMs == 0) return std::nullopt;
    const std::int64_t agedMs = state.committed().agedMs;
    const std::int64_t laterMs = std::max(nowMs, agedMs);
    const std::int64_t ageMs = limits_.streamAgeMsMax;
    const bool isOld = bornMs < std::max(nowMs - ageMs, agedMs);
    // The clock may have gone back since, but what would be kept for too long is not begun.
    const bool isAhead = bornMs > laterMs + ageMs;
    if ((!isOld && !isAhead) || state.high(stream) != 0) return std::nullopt;
    Error error = Error::of(Code::clientUnknown,
                            isOld ? "the numbers of this client were forgotten long ago"
                                  : "this client was born too far ahead of the server's clock");
    error.detail = "{\"born\":" + std::to_string(laterMs) + "}";
    return error;
}

Decision Sequencer::repeated(const ChannelState& state, const Op& op, const Writer& writer) const {
    const StoredVerdict* verdict = state.verdict(writer.stream, op.n);
    if (verdict == nullptr)
        return unsettled(op, Error::of(Code::clientUnknown,
                                       "the outcome of this number was settled and forgotten"));
    // A refused `void` is stored as rejected, and has no hash.
    const bool wasVoid = verdict->outcome == Outcome::voided || verdict->hash == 0;
    const bool mayDiffer = op.isVoid() || wasVoid;
    if (!mayDiffer && verdict->hash != op.hash)
        return unsettled(
            op, Error::of(Code::numberReused, op.keyed ? "this key was used for another write"
                                                       : "this number was used for another op"));
    if (op.n > state.committed().high(writer.stream)) return {Decision::Kind::waits, {}, true};
    return {Decision::Kind::answered, verdictReply(quotedChannel_, op.n, *verdict, true), true};
}

Decision Sequencer::unsettled(const Op& op, const Error& error) const {
    return {Decision::Kind::answered, unsettledReply(quotedChannel_, op.n, error), false};
}

// Fills the entry's outcome. An error is one that consumes no number.
std::optional<Error> Sequencer::judge(Work& work) const {
    Op& op = work.op;
    const CommittedState& committed = work.state.committed();
    if (op.refused) {
        reject(work, *op.refused);
        return std::nullopt;
    }
    if (op.isVoid()) {
        work.entry.verdict.outcome = Outcome::voided;
        return std::nullopt;
    }
    if (op.epoch && *op.epoch != committed.epoch)
        return Error::of(Code::wrongEpochOrBase, "the channel has another epoch");
    for (const Change& change : op.changes)
        if (change.base && *change.base > committed.seq)
            return Error::of(Code::wrongEpochOrBase, "base is ahead of the channel");
    if (op.after != 0 && !work.state.tookEffect(work.writer.stream, op.after)) {
        reject(work, Error::of(Code::dependency, "the op that this one builds on was not applied"));
        return std::nullopt;
    }
    if (op.resolution) return judgeResolution(work);
    if (op.isBatch) return judgeBatch(work);
    work.change = &op.changes.front();
    std::optional<Error> error = change(work);
    if (!error) closeEntry(work);
    return error;
}

// All changes, or none of them.
std::optional<Error> Sequencer::judgeBatch(Work& work) const {
    work.state.beginTrial(work.entry);
    std::optional<Error> error;
    for (std::size_t i = 0; i < work.op.changes.size() && !error && work.took(); ++i) {
        work.change = &work.op.changes[i];
        error = change(work);
        if (error || work.took()) continue;
        if (work.entry.verdict.outcome == Outcome::conflict) {
            std::string place;
            appendMember(place, "op", i);
            appendMember(place, "key", work.change->key);
            work.entry.verdict.extra.insert(0, place + ',');
        } else {
            reject(work, withinBatch(std::move(work.refusal), i));
        }
    }
    if (!error && work.took()) {
        closeEntry(work);
        work.state.keepTrial();
        return std::nullopt;
    }
    work.state.takeBackTrial();
    work.entry.effects.clear();
    work.entry.seq = 0;
    work.entry.verdict.seq = 0;
    return error;
}

// An entry whose effects are complete.
void Sequencer::closeEntry(Work& work) const {
    if (!work.took()) return;
    Entry& entry = work.entry;
    entry.verdict.seq = entry.seq;
    const bool asSubmitted = entry.verdict.outcome == Outcome::applied;
    const bool isOwnEffect = asSubmitted && !work.op.resolution;
    if (!isOwnEffect) entry.submitted = asSubmittedText(work.op);
    // An op that is applied as it came is its own effect.
    entry.sum = isOwnEffect ? chainSum(work.op.hash, entry.seq, work.state.sum())
                            : chainSum(entry, work.state.sum());
    if (asSubmitted) return;
    if (work.op.isBatch)
        appendMerged(entry.verdict.extra, work.merged, work.state);
    else
        appendMember(entry.verdict.extra, "value", work.state.find(entry.verdict.key)->value);
}

}  // namespace syncline::channel
