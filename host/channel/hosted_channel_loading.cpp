// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "channel/channel_loading.h"
#include "channel/checkpointing.h"
#include "channel/home.h"
#include "channel/hosted_channel.h"
#include "channel/replies.h"
#include "core/ids.h"
#include "wire/frame.h"

namespace syncline::channel {

namespace {

constexpr std::size_t kEpochBytes = 8;
constexpr std::uint32_t kStorageRetryMs = 1'000;
constexpr std::uint32_t kBusyRetryMs = 100;

// A log is cut where a checkpoint was: this often within the age that it may reach.
constexpr std::int64_t kMarksPerAge = 16;
constexpr std::int64_t kMarkMsMin = 60'000;
constexpr std::int64_t kMarkMsMax = 3'600'000;

core::Error storageError(const std::string& reason) {
    core::Error error = core::Error::of(core::Code::storageUnavailable, reason);
    error.retryAfterMs = kStorageRetryMs;
    return error;
}

// Makes an op whole again that the sequencer took from, to sequence it once more.
void restore(Op& op, const Entry& entry) {
    const bool wasTaken =
        !op.isBatch && !op.resolution && entry.verdict.outcome == Outcome::applied;
    if (wasTaken) op.changes.front().argumentsText = entry.effects.front().arguments;
    if (op.refused) return;
    for (Change& change : op.changes)
        if (core::Result<Arguments> arguments = readArguments(change.kind, change.argumentsText))
            change.arguments = std::move(*arguments);
}

}  // namespace

core::Error HostedChannel::busyError(const char* why) const {
    core::Error error = core::Error::of(core::Code::busy, why);
    error.retryAfterMs = kBusyRetryMs;
    return error;
}

void HostedChannel::startLoad() {
    phase_ = Phase::loading;
    const DirectorySettings& settings = home_.settings();
    LoadSettings load;
    load.channel = name();
    load.freshEpoch = core::randomHex(*settings.random, kEpochBytes);
    load.stampsMax = settings.stampsMax;
    load.logOpsMax = rule_.historyOpsMax;
    load.logBytesMax = settings.logMemoryBytesMax;
    const bool posted =
        home_.background([this, load = std::move(load), renewed = home_.renewedEpoch(name()),
                          &storage = queue_.storage(), &shard = home_.shard()]() mutable {
            load.renewEpoch = !storage.wasClean();
            if (load.renewEpoch) load.freshEpoch = std::move(renewed);
            core::Result<CommittedState> loaded = loadChannel(storage, load);
            shard.postAlways(
                [this, loaded = std::move(loaded)]() mutable { onLoaded(std::move(loaded)); });
        });
    if (posted) return;
    phase_ = Phase::unloaded;
    failAll(busyError("too many channels are being loaded"));
}

void HostedChannel::onLoaded(core::Result<CommittedState> loaded) {
    home_.soon();
    if (!loaded) {
        phase_ = Phase::unloaded;
        home_.settings().log->error("{}", loaded.error().reason);
        failAll(loaded.error());
        state_.reset();
        return;
    }
    std::optional<ChannelState> before = std::move(state_);
    state_.emplace(std::move(*loaded), home_.settings().stampsMax);
    ++life_;
    digest_.reset();
    phase_ = Phase::ready;
    publishMissed();
    const Trouble trouble = std::exchange(trouble_, Trouble::none);
    troubleReason_.clear();
    if (trouble == Trouble::unknown)
        answerAsCommitted();
    else if (trouble == Trouble::outrun)
        for (std::size_t i = 0; i < callers_.size(); ++i)
            if (!callers_[i].isServer()) restore(callers_[i].request.op, before->inFlight(i));
    if (trouble == Trouble::outrun) resequence();
    answerRepeats();
    runWaiting();
    watchConflicts();
}

// Those who were live before a reload lack what was committed meanwhile. What memory does not have
// they are not given: they ask.
void HostedChannel::publishMissed() {
    const CommittedState& committed = state_->committed();
    const bool same = publishedEpoch_ == committed.epoch && publishedSeq_ <= committed.seq;
    if (subscribers_ != 0 && (!same || committed.seq > publishedSeq_)) {
        const std::uint64_t first = publishedSeq_ + 1;
        if (!same || committed.log.find(first) == nullptr) {
            publish({}, committed.seq);
            return;
        }
        std::string frames;
        for (std::uint64_t seq = first; seq <= committed.seq; ++seq)
            wire::appendFrame(frames, wire::Opcode::text, committed.log.find(seq)->update);
        publish(std::move(frames), first);
        return;
    }
    publishedSeq_ = committed.seq;
    publishedEpoch_ = committed.epoch;
}

// A commit went wrong, and everything that was at the writer has come back.
void HostedChannel::settleTrouble() {
    gathered_ = 0;
    home_.soon();
    if (trouble_ != Trouble::failed) {
        startLoad();
        return;
    }
    const core::Error error = storageError(troubleReason_);
    home_.settings().log->error("channel '{}': {} ops were not committed: {}", name(),
                                callers_.size(), troubleReason_);
    trouble_ = Trouble::none;
    troubleReason_.clear();
    failInFlight(error);
    phase_ = Phase::ready;
    runWaiting();
    watchConflicts();
}

void HostedChannel::failInFlight(const core::Error& error) {
    const std::string& channel = sequencer_.quotedChannel();
    Deliveries& deliveries = home_.deliveries();
    for (Caller& caller : callers_)
        if (!caller.isServer())
            deliveries.answer(caller.from, std::move(caller.request.answer),
                              unsettledReply(channel, caller.request.op.n, error));
    callers_.clear();
    for (Repeat& repeat : repeats_)
        deliveries.answer(repeat.from, std::move(repeat.answer),
                          unsettledReply(channel, repeat.n, error));
    repeats_.clear();
    if (state_) state_->dropInFlight();
}

// Another node was first: the same ops again, in their order, behind what it appended. What the
// server made of them follows from them again.
void HostedChannel::resequence() {
    std::deque<Caller> callers = std::exchange(callers_, {});
    for (Caller& caller : callers)
        if (!caller.isServer()) sequence(caller.from, std::move(caller.request));
}

// The storage did not know whether it had committed: now its log says.
void HostedChannel::answerAsCommitted() {
    const CommittedState& committed = state_->committed();
    const std::string& channel = sequencer_.quotedChannel();
    const core::Error lost = storageError("it was not known whether the commit had happened");
    for (Caller& caller : callers_) {
        if (caller.isServer()) continue;
        const std::uint64_t n = caller.request.op.n;
        const Stream* stream = committed.find(caller.stream);
        const StoredVerdict* verdict = stream == nullptr ? nullptr : stream->find(n);
        home_.deliveries().answer(caller.from, std::move(caller.request.answer),
                                  verdict != nullptr ? verdictReply(channel, n, *verdict, false)
                                                     : unsettledReply(channel, n, lost));
    }
    callers_.clear();
    for (Repeat& repeat : std::exchange(repeats_, {})) {
        if (repeat.n <= committed.high(repeat.stream))
            repeats_.push_back(std::move(repeat));
        else
            home_.deliveries().answer(repeat.from, std::move(repeat.answer),
                                      unsettledReply(channel, repeat.n, lost));
    }
}

void HostedChannel::failAll(const core::Error& error) {
    failInFlight(error);
    trouble_ = Trouble::none;
    troubleReason_.clear();
    for (Request& request : std::exchange(waiting_, {})) {
        home_.waitedEnough(bytesOf(request));
        home_.deliveries().refuse(std::move(request), error);
    }
    home_.soon();
}

bool HostedChannel::isBehindCheckpoint() const {
    if (!state_ || phase_ != Phase::ready) return false;
    const CommittedState& committed = state_->committed();
    return committed.index > committed.checkpointIndex ||
           (committed.index > 0 && !committed.epochWritten) || committed.history.owesTrim();
}

bool HostedChannel::isCheckpointDue(std::int64_t wallMs) const {
    if (!state_ || phase_ != Phase::ready || checkpointRuns_) return false;
    const History& history = state_->committed().history;
    if (history.reachesBack(rule_.historyAgeMsMax, wallMs)) return true;
    const std::int64_t everyMs =
        std::clamp(rule_.historyAgeMsMax / kMarksPerAge, kMarkMsMin, kMarkMsMax);
    return isBehindCheckpoint() &&
           (history.marks().empty() || wallMs - history.marks().back().atMs >= everyMs);
}

void HostedChannel::startCheckpoint() {
    if (checkpointRuns_ || phase_ != Phase::ready) return;
    if (!isBehindCheckpoint() && !isCheckpointDue(home_.wallMs())) return;
    const CheckpointLimits limits{
        {rule_.historyOpsMax, rule_.historyBytesMax, rule_.historyAgeMsMax},
        home_.settings().streamAgeMsMax};
    CheckpointPlan plan = planCheckpoint(*state_, name(), limits, home_.wallMs());
    checkpointRuns_ = true;
    checkpointTriedAt_ = plan.checkpoint.index;
    CommittedState::Changes changes = plan.changes;
    const bool posted = home_.background([this, plan = std::move(plan), life = life_,
                                          &storage = queue_.storage(),
                                          &shard = home_.shard()]() mutable {
        core::Result<void> written = storage.checkpoint(plan.checkpoint);
        if (written && plan.trimBelowIndex)
            written = storage.trim(plan.checkpoint.channel, *plan.trimBelowIndex);
        shard.postAlways([this, changes = std::move(plan.changes), life,
                          index = plan.checkpoint.index, written = std::move(written)]() mutable {
            onCheckpoint(std::move(changes), index, life, written);
        });
    });
    if (posted) return;
    checkpointRuns_ = false;
    state_->committed().putBack(std::move(changes));
}

void HostedChannel::onCheckpoint(CommittedState::Changes changes, std::uint64_t index,
                                 std::uint64_t life, const core::Result<void>& written) {
    checkpointRuns_ = false;
    home_.soon();
    if (!written)
        home_.settings().log->warn("channel '{}': no checkpoint: {}", name(),
                                   written.error().reason);
    // A state that was loaded since knows by itself what the storage lacks.
    if (!state_ || life != life_) return;
    CommittedState& committed = state_->committed();
    if (!written) {
        committed.putBack(std::move(changes));
        return;
    }
    committed.checkpointIndex = std::max(committed.checkpointIndex, index);
    committed.epochWritten = true;
    committed.history.trimmed();
}

}  // namespace syncline::channel
