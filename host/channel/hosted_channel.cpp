// SPDX-License-Identifier: Apache-2.0
#include "channel/hosted_channel.h"

#include <algorithm>
#include <utility>

#include "channel/entry_codec.h"
#include "channel/home.h"
#include "channel/replies.h"
#include "core/ids.h"
#include "json/parse.h"
#include "wire/frame.h"

namespace syncline::channel {

namespace {

/// What the server wrote itself is as deep and as long as it is.
constexpr std::size_t kEventDepthMax = 1'000;
constexpr std::size_t kEventBytesMax = static_cast<std::size_t>(-1);

/// Entries behind a checkpoint before the next one. Channels that fill up alike must not all write
/// theirs at once, or commits would wait for the disk behind them: up to a quarter sooner, by name.
std::uint64_t checkpointInterval(const DirectorySettings& settings, const ChannelRule& rule,
                                 const std::string& name) {
    const std::uint64_t ops = std::min<std::uint64_t>(
        settings.checkpointOpsMax, std::max<std::uint64_t>(rule.historyOpsMax, 100));
    constexpr std::uint64_t kSeed = 1;  // without one, it is what chooses the home
    return ops - core::stableHash(name, kSeed) % std::max<std::uint64_t>(ops / 4, 1);
}

SequencerLimits limitsOf(const DirectorySettings& settings) {
    return {settings.recordBytesMax, settings.channelRecordsMax, settings.stampsMax,
            settings.outcomesMax,    settings.outcomesBytesMax,  settings.keysMax,
            settings.streamAgeMsMax, settings.patchStepsMax,     settings.batchBytesMax,
            settings.depthMax,       settings.conflictsMax};
}

}  // namespace

std::size_t bytesOf(const Request& request) {
    const auto* op = std::get_if<OpRequest>(&request.what);
    // The arguments are there twice: as text and as values.
    return sizeof(Request) + (op == nullptr ? 0 : 2 * op->op.argumentsBytes());
}

bool mustArrive(const Request& request) {
    if (const auto* presence = std::get_if<PresenceRequest>(&request.what))
        return presence->change.kind == PresenceChange::Kind::leave ||
               presence->change.kind == PresenceChange::Kind::depart;
    return std::holds_alternative<LeaveRequest>(request.what);
}

HostedChannel::HostedChannel(Home& home, std::string name, const ChannelRule& rule,
                             CommitQueue& queue)
    : home_(home),
      rule_(rule),
      queue_(queue),
      sequencer_(std::move(name), limitsOf(home.settings()), home.settings().conflicts),
      checkpointInterval_(checkpointInterval(home.settings(), rule, this->name())),
      live_(home.settings().shards.size()) {}

void HostedChannel::take(Request&& request) {
    if (std::holds_alternative<LeaveRequest>(request.what))
        leave(request.from);
    else if (phase_ == Phase::ready)
        run(std::move(request));
    else
        wait(std::move(request));
}

void HostedChannel::run(Request&& request) {
    if (auto* op = std::get_if<OpRequest>(&request.what))
        sequence(request.from, std::move(*op));
    else if (auto* joins = std::get_if<JoinRequest>(&request.what))
        join(request.from, std::move(*joins));
    else if (auto* snapshot = std::get_if<SnapshotRequest>(&request.what))
        giveSnapshot(request.from, std::move(*snapshot));
    else if (auto* history = std::get_if<HistoryRequest>(&request.what))
        giveHistory(request.from, std::move(*history));
    else if (auto* outcomes = std::get_if<OutcomesRequest>(&request.what))
        giveOutcomes(request.from, std::move(*outcomes));
    home_.soon();
}

void HostedChannel::wait(Request&& request) {
    if (!home_.mayWait(bytesOf(request))) {
        home_.deliveries().refuse(std::move(request), busyError("too many requests wait"));
        home_.soon();
        return;
    }
    waiting_.push_back(std::move(request));
    if (phase_ == Phase::unloaded) startLoad();
}

void HostedChannel::runWaiting() {
    while (phase_ == Phase::ready && !waiting_.empty()) {
        Request request = std::move(waiting_.front());
        waiting_.pop_front();
        home_.waitedEnough(bytesOf(request));
        run(std::move(request));
    }
}

void HostedChannel::sequence(std::size_t from, OpRequest&& request) {
    Deliveries& deliveries = home_.deliveries();
    if (!queue_.accepts()) {
        home_.figures().opsUnsettled.add(1);
        deliveries.answer(from, std::move(request.answer),
                          unsettledReply(sequencer_.quotedChannel(), request.op.n,
                                         busyError("the storage is behind")));
        return;
    }
    const StreamId stream = request.idempotencyKey.empty()
                                ? request.author.stream()
                                : StreamId::ofKey(request.author->user, request.idempotencyKey);
    const Writer writer{stream, request.author->user, request.author->origin};
    Decision decision = sequencer_.sequence(*state_, request.op, writer, home_.wallMs());
    switch (decision.kind) {
        case Decision::Kind::appended:
            callers_.push_back({from, stream, std::move(request)});
            if (gathered_++ == 0) home_.touch(*this);
            noteServerEntries();
            return;
        case Decision::Kind::waits:
            // Whoever repeats itself faster than the storage answers is not kept for.
            if (repeats_.size() >= home_.settings().queueOpsMax) {
                deliveries.answer(from, std::move(request.answer),
                                  unsettledReply(sequencer_.quotedChannel(), request.op.n,
                                                 busyError("too many repeats wait")));
                return;
            }
            repeats_.push_back({from, stream, request.op.n, std::move(request.answer)});
            return;
        case Decision::Kind::answered:
            (decision.repeats ? home_.figures().opsRepeated : home_.figures().opsUnsettled).add(1);
            deliveries.answer(from, std::move(request.answer), std::move(decision.answer));
            return;
    }
}

std::optional<CommitJob> HostedChannel::handOver() {
    // While settling, what was gathered is dropped with the rest; the writer never sees it.
    if (gathered_ == 0 || phase_ != Phase::ready) return std::nullopt;
    CommitJob job;
    job.home = home_.index();
    job.ticket = this;
    job.append.channel = name();
    job.append.epoch = state_->committed().epoch;
    job.append.expectedIndex = state_->index() - gathered_;
    job.append.entries.reserve(gathered_);
    for (std::size_t i = state_->inFlight() - gathered_; i < state_->inFlight(); ++i) {
        const Entry& entry = state_->inFlight(i);
        StoredEntry& stored = job.append.entries.emplace_back();
        stored.index = entry.index;
        stored.seq = entry.seq;
        stored.atMs = entry.atMs;
        encodeEntry(entry, stored.body);
        job.bytes += stored.body.size();
    }
    handedOver_.push_back({gathered_, job.bytes});
    gathered_ = 0;
    return job;
}

void HostedChannel::onCommit(const CommitResult& result) {
    const HandedOver done = handedOver_.front();
    handedOver_.pop_front();
    if (phase_ == Phase::ready && result.status == CommitResult::Status::committed) {
        commit(done);
        return;
    }
    // Behind a commit that went wrong the later ones cannot land: their index does not match. Only
    // if the storage does not know what became of the first may they have, and then all is read
    // again.
    phase_ = Phase::settling;
    if (result.status == CommitResult::Status::unknown)
        trouble_ = Trouble::unknown;
    else if (trouble_ == Trouble::none)
        trouble_ =
            result.status == CommitResult::Status::failed ? Trouble::failed : Trouble::outrun;
    if (troubleReason_.empty()) troubleReason_ = result.reason;
    if (handedOver_.empty()) settleTrouble();
}

void HostedChannel::commit(const HandedOver& done) {
    const std::uint64_t firstSeq = state_->committed().seq + 1;
    std::uint64_t lastSeq = firstSeq - 1;
    for (std::size_t i = 0; i < done.entries; ++i)
        lastSeq = std::max(lastSeq, state_->inFlight(i).seq);
    std::string frames;
    for (std::size_t i = 0; i < done.entries; ++i) {
        const std::string_view update = commitFirst(lastSeq);
        if (subscribers_ != 0 && !update.empty())
            wire::appendFrame(frames, wire::Opcode::text, update);
    }
    if (lastSeq >= firstSeq) {
        snapshot_.reset();
        digest_.reset();
        publish(std::move(frames), firstSeq);
    }
    answerRepeats();
    afterCommit(done);
    watchConflicts();
    home_.soon();
}

// Answers the first entry in flight and makes it part of the committed state. Its push, or nothing.
std::string_view HostedChannel::commitFirst(std::uint64_t lastSeq) {
    const Entry& entry = state_->inFlight(0);
    const std::string& channel = sequencer_.quotedChannel();
    Caller caller = std::move(callers_.front());
    callers_.pop_front();
    std::string update = entry.effects.empty() ? std::string() : updateText(channel, entry);
    if (caller.isServer()) {
        tell(entry, update, {});
    } else {
        home_.figures().ops[static_cast<std::size_t>(entry.verdict.outcome)].add(1);
        std::string verdict = verdictReply(channel, entry.n, entry.verdict, false);
        tell(entry, update, verdict);
        home_.deliveries().answer(caller.from, std::move(caller.request.answer),
                                  std::move(verdict));
    }
    return state_->commitFirst(lastSeq, std::move(update));
}

// What the event is told with is what clients are told, and who it was.
void HostedChannel::tell(const Entry& entry, const std::string& update,
                         const std::string& verdict) const {
    const bool conflict = entry.verdict.outcome == Outcome::conflict;
    if (entry.effects.empty() && !conflict) return;
    const EventKind kind = conflict ? EventKind::conflict : EventKind::committed;
    EventSink* const events = home_.events();
    if (events == nullptr || !events->wants(kind)) return;
    auto body = json::parse(conflict ? verdict : update, {kEventDepthMax, kEventBytesMax, false});
    if (!body) return;
    body->set("by", entry.by);
    body->set("origin", entry.origin);
    events->take(kind, std::move(*body));
}

ChannelDescription HostedChannel::describe(std::int64_t steadyMs) const {
    ChannelDescription told;
    told.name = name();
    told.subscribers = subscribers_;
    told.opsPerMinute = opsPerMinute(steadyMs);
    if (!state_) return told;
    told.seq = state_->committed().seq;
    told.records = state_->committed().records.size();
    told.opsInFlight = state_->inFlight();
    return told;
}

void HostedChannel::answerRepeats() {
    const CommittedState& committed = state_->committed();
    const std::string& channel = sequencer_.quotedChannel();
    std::erase_if(repeats_, [&](Repeat& repeat) {
        if (repeat.n > committed.high(repeat.stream)) return false;
        const StoredVerdict* verdict = committed.find(repeat.stream)->find(repeat.n);
        home_.figures().opsRepeated.add(1);
        std::string body =
            verdict != nullptr
                ? verdictReply(channel, repeat.n, *verdict, true)
                : unsettledReply(channel, repeat.n,
                                 core::Error::of(core::Code::clientUnknown,
                                                 "the outcome was settled and forgotten"));
        home_.deliveries().answer(repeat.from, std::move(repeat.answer), std::move(body));
        return true;
    });
}

void HostedChannel::afterCommit(const HandedOver& done) {
    CommittedState& committed = state_->committed();
    const DirectorySettings& settings = home_.settings();
    committed.history.noteBytes(done.bytes);
    activity_.add(static_cast<double>(done.entries), settings.clock->steadyMs());
    committed.log.trim(rule_.historyOpsMax, settings.logMemoryBytesMax,
                       home_.wallMs() - rule_.historyAgeMsMax);
    if (settings.broker != nullptr)
        settings.broker->announce(name(), committed.epoch, committed.seq);
    if (committed.index - std::max(committed.checkpointIndex, checkpointTriedAt_) >=
        checkpointInterval_)
        startCheckpoint();
}

bool HostedChannel::busy() const {
    return phase_ == Phase::loading || phase_ == Phase::settling || !callers_.empty() ||
           !handedOver_.empty() || !waiting_.empty() || !repeats_.empty() || !reading_.empty() ||
           checkpointRuns_;
}

}  // namespace syncline::channel
