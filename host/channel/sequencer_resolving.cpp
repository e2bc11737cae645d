// SPDX-License-Identifier: Apache-2.0
// The part of Sequencer that keeps conflicts until they are resolved, and resolves them.
#include <algorithm>
#include <string>
#include <utility>

#include "channel/conflict_record.h"
#include "channel/entry_codec.h"
#include "channel/member_text.h"
#include "channel/open_conflicts.h"
#include "channel/sequencer_work.h"
#include "json/write.h"

namespace syncline::channel {

namespace {

using core::Code;
using core::Error;

/// Whose entries without a stream are. No user can be called that.
constexpr std::string_view kServer = "$server";
const Writer kServerWriter{{}, kServer, {}};

Error goneError(const std::string& conflict) {
    Error error =
        Error::of(Code::noRecord, "there is no such conflict: it was resolved, or has expired");
    error.detail = "{";
    appendMember(error.detail, "conflict", conflict);
    error.detail += '}';
    return error;
}

// What the conflict came to since it was recorded: a decision about another version of the record.
std::string movedOnMembers(const std::string& id, const json::Value& conflict,
                           const Record* record) {
    std::string out;
    appendMember(out, "conflict", id);
    for (const char* name : {"mine", "paths"})
        if (const json::Value* found = conflict.find(name)) appendMember(out, name, *found);
    if (record == nullptr || record->deleted)
        appendRawMember(out, "theirs", "null");
    else
        appendMember(out, "theirs", record->value);
    appendMember(out, "version", record == nullptr ? 0 : record->version);
    appendMember(out, "user", record == nullptr ? std::string_view() : record->lastBy);
    return out;
}

// Whether somebody else changed the record since the decision was made.
bool hasMovedOn(const ChannelState& state, const Record* record, const StreamId& stream,
                std::uint64_t base) {
    if (record != nullptr && record->version <= base) return false;
    if (state.forgottenBehind(base, record) != 0) return true;
    return record != nullptr &&
           record->stamps.conflict("", StampClass::write, stream, base).seq != 0;
}

}  // namespace

// The entry of a conflict that is to be kept has a second one behind it, with the record of it.
// What finds no room is told to its sender, as any other conflict is, and not kept.
void Sequencer::appendWithConflict(Work& work) const {
    ChannelState& state = work.state;
    const bool hasRoom =
        state.openConflicts() < limits_.conflictsMax && state.recordCount() < limits_.recordsMax;
    const ManualConflict& manual = *work.manual;
    json::Value value = conflictValue(manual, state.find(manual.key), work.op, work.entry.atMs);
    std::string text = json::toText(value);
    if (!hasRoom || text.size() > limits_.recordBytesMax) {
        state.append(std::move(work.entry));
        return;
    }
    const std::int64_t nowMs = work.entry.atMs;
    const std::string id = std::to_string(state.seq() + 1);
    std::string member;
    appendMember(member, "conflict", id);
    work.entry.verdict.extra.insert(0, member + ',');
    state.append(std::move(work.entry));

    Op op;
    Change& change = op.changes.emplace_back();
    change.key = OpenConflicts::keyOf(id);
    change.kind = OpKind::set;
    change.arguments.value = std::move(value);
    appendRawMember(change.argumentsText, "value", text);
    Work made(state, op, kServerWriter);
    openServerEntry(made, nowMs);
    made.entry.verdict.key = change.key;
    made.change = &change;
    apply(made, asSubmitted(made), std::vector<Touch>{Touch{}});
    made.entry.verdict.seq = made.entry.seq;
    made.entry.sum = chainSum(made.entry, state.sum());
    state.append(std::move(made.entry));
}

void Sequencer::openServerEntry(Work& work, std::int64_t nowMs) {
    work.entry.index = work.state.index() + 1;
    work.entry.atMs = nowMs;
    work.entry.by = work.writer.user;
    if (!work.state.committed().epochWritten && work.state.inFlight() == 0)
        work.entry.epoch = work.state.committed().epoch;
}

std::optional<Error> Sequencer::judgeResolution(Work& work) const {
    const Op& op = work.op;
    const Change& change = op.changes.front();
    const std::string key = OpenConflicts::keyOf(op.resolution->conflict);
    const Record* open = work.state.find(key);
    if (open == nullptr || open->deleted) {
        reject(work, goneError(op.resolution->conflict));
        return std::nullopt;
    }
    if (disputedKey(open->value) != change.key) {
        reject(work, wrongMember("key", "the conflict is about another record"));
        return std::nullopt;
    }
    const Record* record = work.state.find(change.key);
    if (change.base && hasMovedOn(work.state, record, work.writer.stream, *change.base)) {
        work.entry.verdict.outcome = Outcome::conflict;
        work.entry.verdict.extra = movedOnMembers(op.resolution->conflict, open->value, record);
        work.entry.submitted = asSubmittedText(op);
        return std::nullopt;
    }
    return resolve(work, open->value.clone());
}

// Makes what was chosen of the record, and ends the conflict: all of it, or nothing.
std::optional<Error> Sequencer::resolve(Work& work, const json::Value& conflict) const {
    work.state.beginTrial(work.entry);
    core::Result<std::vector<Change>> changes = chosenChanges(work.op, conflict);
    std::optional<Error> error;
    if (!changes) reject(work, std::move(changes.error()));
    for (std::size_t i = 0; changes && i < changes->size() && !error && work.took(); ++i) {
        work.change = &(*changes)[i];
        work.change->base.reset();
        error = change(work);
    }
    if (error || !work.took()) {
        work.state.takeBackTrial();
        work.entry.effects.clear();
        work.entry.seq = 0;
        return error;
    }
    endConflict(work);
    closeEntry(work);
    work.state.keepTrial();
    return std::nullopt;
}

// Copies: what is resolved in vain is asked for again.
core::Result<std::vector<Change>> Sequencer::chosenChanges(const Op& op,
                                                           const json::Value& conflict) {
    std::vector<Change> changes;
    switch (op.resolution->take) {
        case Take::theirs:
            break;
        case Take::mine: {
            core::Result<std::vector<Change>> mine = disputedChanges(conflict);
            // Nobody has asked whether the resolver may write the others, and what they are now.
            const auto isOther = [&](const Change& change) {
                return change.key != op.changes.front().key;
            };
            if (mine && std::ranges::any_of(*mine, isOther))
                return core::fail(wrongMember(
                    "take", "the op changes several records: theirs is due, or a value"));
            return mine;
        }
        case Take::value: {
            const Change& asked = op.changes.front();
            Change& copy = changes.emplace_back();
            copy.key = asked.key;
            copy.kind = asked.kind;
            copy.arguments = asked.arguments.clone();
            copy.argumentsText = asked.argumentsText;
            copy.hlc = asked.hlc.clone();
            break;
        }
    }
    return changes;
}

void Sequencer::endConflict(Work& work) const {
    Change ending;
    ending.key = OpenConflicts::keyOf(work.op.resolution->conflict);
    ending.kind = OpKind::remove;
    work.change = &ending;
    work.record = work.state.find(ending.key);
    EffectiveChange change;
    change.kind = OpKind::remove;
    change.asSubmitted = true;
    write(work, std::move(change), std::vector<Touch>{Touch{}});
    work.change = nullptr;
    Entry& entry = work.entry;
    entry.isBatch = entry.effects.size() > 1;
    // Of the one record that it changes, if it changes only the conflict's.
    if (!entry.isBatch) entry.verdict.key = entry.effects.front().key;
}

bool Sequencer::expire(ChannelState& state, const std::string& key, std::int64_t nowMs) const {
    const Record* open = state.find(key);
    if (open == nullptr || open->deleted) return false;
    const std::optional<ConflictExpiry> expiry = expiryOf(open->value);
    if (!expiry || expiry->atMs > nowMs) return false;
    const json::Value conflict = open->value.clone();
    // What cannot be applied any more leaves what is there.
    for (const Take take : {expiry->take, Take::theirs}) {
        Op op;
        op.resolution = Resolution{key.substr(OpenConflicts::kPrefix.size()), take};
        op.changes.emplace_back().key = disputedKey(conflict);
        Work work(state, op, kServerWriter);
        openServerEntry(work, nowMs);
        work.entry.verdict.key = op.changes.front().key;
        // A failure that may pass settles nothing: it is tried again.
        if (resolve(work, conflict)) return false;
        if (!work.took()) continue;
        state.append(std::move(work.entry));
        return true;
    }
    return false;
}

}  // namespace syncline::channel
