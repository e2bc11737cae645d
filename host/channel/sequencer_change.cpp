// SPDX-License-Identifier: Apache-2.0
// The part of Sequencer that makes one change.
#include <algorithm>
#include <iterator>
#include <utility>

#include "channel/conflict_report.h"
#include "channel/elements.h"
#include "channel/sequencer_work.h"
#include "channel/undo.h"
#include "json/write.h"

namespace syncline::channel {

namespace {

using core::Code;
using core::Error;

std::vector<Touch> writes(const std::vector<std::string>& paths) {
    std::vector<Touch> touches;
    for (const std::string& path : paths)
        touches.push_back({path, StampClass::write, Touch::Role::written});
    return touches;
}

// What a change builds on: a new value drops all stamps of the record unless it names its own.
ChannelState::Carry carryFor(const EffectiveChange& change) {
    if (change.kind == OpKind::patch) return ChannelState::Carry::stamps;
    if (change.kind != OpKind::set && change.kind != OpKind::remove)
        return ChannelState::Carry::all;
    const bool leavesStamps = change.marks || change.clock;
    return leavesStamps ? ChannelState::Carry::stamps : ChannelState::Carry::nothing;
}

// A change that may find nothing to be applied to, where another would put it.
bool needsPlace(OpKind kind) {
    return kind == OpKind::patch || isElementKind(kind);
}

bool replacesValues(OpKind kind) {
    return kind == OpKind::set || kind == OpKind::merge || kind == OpKind::remove ||
           kind == OpKind::patch;
}

std::vector<std::string> pathsOf(std::span<const Touch> touches,
                                 std::span<const PathStamps::Hit> hits) {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < touches.size(); ++i)
        if (hits[i].seq != 0) paths.push_back(touches[i].path);
    return paths;
}

std::vector<std::string> writtenPaths(std::span<const Touch> touches) {
    std::vector<std::string> paths;
    for (const Touch& touch : touches)
        if (touch.role != Touch::Role::checked) paths.push_back(touch.path);
    return paths;
}

}  // namespace

std::optional<Error> Sequencer::change(Work& work) const {
    const Change& op = *work.change;
    work.record = work.state.find(op.key);
    if (work.record == nullptr && work.state.recordCount() >= limits_.recordsMax) {
        reject(work, Error::of(Code::tooLarge, "the channel has too many records"));
        return std::nullopt;
    }
    const std::vector<Touch> touched = touches(work);
    const std::vector<PathStamps::Hit> met = hits(work, touched);
    const auto newest = std::ranges::max_element(met, {}, &PathStamps::Hit::seq);
    const bool meets = newest != met.end() && newest->seq != 0;
    if (!meets && !rules_.anyAsksAlways()) {
        apply(work, asSubmitted(work), touched);
        return std::nullopt;
    }
    std::string_view theirBy = meets ? work.state.userOf(newest->stream) : std::string_view();
    if (theirBy.empty() && work.record != nullptr) theirBy = work.record->lastBy;
    return settle(work, {channel_, op, bounds_, work.state, work.record, touched, met,
                         work.writer.user, theirBy, work.writer.stream, work.entry.atMs});
}

// With what other rules decide about than about what the change touches.
std::vector<Touch> Sequencer::touches(const Work& work) const {
    const Change& op = *work.change;
    std::vector<Touch> touched = touchedBy(op.kind, op.arguments, work.current());
    if (!rules_.anyNamesPaths() || !replacesValues(op.kind)) return touched;
    Record after = recordOf(work.current());
    if (!applyAlone(op, bounds_, after)) return touched;
    std::vector<Touch> named;
    for (const Touch& touch : touched)
        if (touch.role == Touch::Role::written)
            rules_.addNamed(op.key, *json::Pointer::parse(touch.path),
                            valueAt(work.current(), touch), valueAt(after.current(), touch), named);
    std::ranges::move(named, std::back_inserter(touched));
    return touched;
}

std::vector<PathStamps::Hit> Sequencer::hits(const Work& work,
                                             std::span<const Touch> touches) const {
    const Change& op = *work.change;
    std::vector<PathStamps::Hit> met(touches.size());
    if (!op.base) return met;
    if (work.record == nullptr) {
        // The record that this change builds on may have been deleted, and its tombstone forgotten.
        // A set creates, whatever was there; nothing was known at 0.
        const std::uint64_t floor = work.state.committed().floor;
        if (op.kind != OpKind::set && *op.base != 0 && *op.base < floor)
            std::ranges::fill(met, PathStamps::Hit{floor, {}});
        return met;
    }
    if (work.record->version <= *op.base) return met;
    // What a rule of its own decides about is no conflict of what is around it.
    std::vector<std::string> named;
    for (const Touch& touch : touches)
        if (touch.role == Touch::Role::named) named.push_back(touch.path);
    for (std::size_t i = 0; i < touches.size(); ++i) {
        const bool isNamed = touches[i].role == Touch::Role::named;
        met[i] = work.record->stamps.conflict(
            touches[i].path, touches[i].stampClass, work.writer.stream, *op.base,
            isNamed ? std::span<const std::string>() : std::span<const std::string>(named));
    }
    return met;
}

std::optional<Error> Sequencer::settle(Work& work, const Dispute& dispute) const {
    BaseValue base(dispute);
    MineValue mine(dispute, base);
    const bool fits = !needsPlace(dispute.op.kind) || mine.fits();
    core::Result<Ruling> ruling;
    if (fits || rules_.anyAsksAlways()) ruling = ruleOn(dispute, rules_, base, mine);
    if (!ruling) {
        if (ruling.error().retry) return std::move(ruling.error());
        reject(work, std::move(ruling.error()));
        return std::nullopt;
    }
    const bool stops =
        ruling->kind == Ruling::Kind::refuse || ruling->kind == Ruling::Kind::conflict;
    if (fits || stops) {
        follow(work, dispute, base, mine, std::move(*ruling));
        return std::nullopt;
    }
    const std::vector<std::string> met = pathsOf(dispute.touches, dispute.hits);
    if (met.empty())
        apply(work, asSubmitted(work), dispute.touches);
    else
        conflict(work, dispute, base, mine, met);
    return std::nullopt;
}

// Does what the strategies say.
void Sequencer::follow(Work& work, const Dispute& dispute, BaseValue& base, MineValue& mine,
                       Ruling ruling) const {
    switch (ruling.kind) {
        case Ruling::Kind::plain:
            applyPlain(work, dispute, base, mine, ruling.clock);
            break;
        case Ruling::Kind::changed:
            applyRuling(work, dispute, base, mine, std::move(ruling));
            break;
        case Ruling::Kind::refuse:
            reject(work, refusedByRule(dispute, ruling));
            break;
        case Ruling::Kind::conflict:
            conflict(work, dispute, base, mine, ruling.paths, std::move(ruling.kept));
            break;
    }
}

void Sequencer::applyPlain(Work& work, const Dispute& dispute, BaseValue& base, MineValue& mine,
                           const std::optional<Hlc>& clock) const {
    // What somebody else did since may have taken its place away.
    const std::vector<std::string> met = pathsOf(dispute.touches, dispute.hits);
    if (!met.empty() && needsPlace(dispute.op.kind)) {
        Record alone = recordOf(work.current());
        if (!applyAlone(dispute.op, bounds_, alone)) {
            conflict(work, dispute, base, mine, met);
            return;
        }
    }
    EffectiveChange plain = asSubmitted(work);
    plain.clock = clock;
    apply(work, std::move(plain), dispute.touches);
}

void Sequencer::applyRuling(Work& work, const Dispute& dispute, BaseValue& base, MineValue& mine,
                            Ruling ruling) const {
    std::optional<EffectiveChange> made = changeOf(dispute, mine, std::move(ruling.verdicts));
    if (!made) {
        conflict(work, dispute, base, mine, writtenPaths(dispute.touches));
        return;
    }
    made->clock = ruling.clock;
    const std::vector<Touch> own =
        made->marks ? writes(*made->marks) : touchedBy(made->kind, made->arguments, work.current());
    apply(work, std::move(*made), own);
}

void Sequencer::conflict(Work& work, const Dispute& dispute, BaseValue& base, MineValue& mine,
                         const std::vector<std::string>& paths, json::Value kept) const {
    work.entry.verdict.outcome = Outcome::conflict;
    work.entry.verdict.extra = conflictMembers(dispute, base, mine, paths);
    work.entry.submitted = asSubmittedText(work.op);
    if (!kept.isNull() && !work.op.resolution)
        work.manual = manualConflict(dispute, base, mine, paths, std::move(kept));
    if (work.manual) work.manual->origin = work.writer.origin;
}

// The op itself. One that stands alone is taken from: a resend brings it again.
EffectiveChange Sequencer::asSubmitted(Work& work) const {
    Change& op = *work.change;
    EffectiveChange change;
    change.kind = op.kind;
    change.asSubmitted = true;
    if (work.op.isBatch) {
        change.arguments = op.arguments.clone();
        change.text = op.argumentsText;
    } else {
        change.arguments = std::move(op.arguments);
        change.text = std::move(op.argumentsText);
    }
    return change;
}

void Sequencer::apply(Work& work, EffectiveChange change, std::span<const Touch> touches) const {
    if (std::optional<Error> wrong = misfit(work, change)) {
        if (change.asSubmitted) work.change->argumentsText = std::move(change.text);
        reject(work, std::move(*wrong));
        return;
    }
    write(work, std::move(change), touches);
    if (work.op.isBatch && work.effectBytes > limits_.batchBytesMax)
        reject(work,
               Error::of(Code::tooLarge, "the batch writes and overwrites more than " +
                                             std::to_string(limits_.batchBytesMax) + " bytes"));
}

// Why the change cannot be made. Else what it comes to is known.
std::optional<Error> Sequencer::misfit(const Work& work, EffectiveChange& change) const {
    if (change.kind == OpKind::increment)
        if (core::Result<double> sum = incremented(work.current(), change.arguments); !sum)
            return std::move(sum.error());
    if (isElementKind(change.kind))
        if (auto fits =
                checkElements(change.kind, change.arguments, work.current(), limits_.depthMax);
            !fits)
            return std::move(fits.error());
    if (change.kind == OpKind::patch) {
        core::Result<json::Value> outcome =
            patched(work.current(), change.arguments.value, bounds_);
        if (!outcome) return std::move(outcome.error());
        change.outcome = std::move(*outcome);
    }
    return tooLarge(work, change);
}

// The bound that is kept along is a sum of parts; only when it says too much is the text counted.
std::optional<Error> Sequencer::tooLarge(const Work& work, EffectiveChange& change) const {
    static const Record kNone;
    const Record& before = work.record == nullptr ? kNone : *work.record;
    if (change.outcome) {
        change.bytesMax = json::toText(*change.outcome).size();
    } else {
        change.bytesMax = bytesMaxAfter(change.kind, change.arguments, change.text.size(), before);
        if (change.bytesMax <= limits_.recordBytesMax) return std::nullopt;
        Record after;
        after.value = before.value.clone();
        after.deleted = before.deleted;
        applyPlainly(change.kind, change.arguments.clone(), after);
        change.bytesMax = json::toText(after.value).size();
    }
    if (change.bytesMax <= limits_.recordBytesMax) return std::nullopt;
    return Error::of(Code::tooLarge, "the record is larger than the limit");
}

void Sequencer::write(Work& work, EffectiveChange change, std::span<const Touch> touches) const {
    Entry& entry = work.entry;
    const std::string& key = work.change->key;
    if (entry.seq == 0) entry.seq = work.state.seq() + 1;
    Effect& effect = entry.effects.emplace_back();
    effect.key = key;
    effect.kind = change.kind;
    effect.previousVersion = work.record == nullptr ? 0 : work.record->version;
    effect.undo = undoOf(change.kind, change.arguments, work.current());
    effect.arguments = std::move(change.text);
    work.effectBytes += effect.arguments.size() + effect.undo.size();

    Record& record = work.state.change(key, carryFor(change));
    if (change.outcome) {
        record.value = std::move(*change.outcome);
        record.deleted = false;
    } else {
        applyPlainly(change.kind, std::move(change.arguments), record);
    }
    record.bytesMax = change.bytesMax;
    if (carryFor(change) == ChannelState::Carry::nothing) record.stamps = {};
    stamp(record, touches, {entry.seq, entry.stream, entry.by, change.clock}, limits_.stampsMax);
    effect.clock = change.clock;
    effect.marks = std::move(change.marks);
    if (change.asSubmitted) return;
    entry.verdict.outcome = Outcome::merged;
    work.effectBytes += record.bytesMax;
    if (std::ranges::find(work.merged, key) == work.merged.end()) work.merged.push_back(key);
}

}  // namespace syncline::channel
