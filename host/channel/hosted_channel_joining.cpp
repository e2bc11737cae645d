// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "broadcast/subscriber.h"
#include "channel/home.h"
#include "channel/hosted_channel.h"
#include "core/ids.h"

namespace syncline::channel {

namespace {

// Effects that are read from the storage at once for one subscriber.
constexpr std::uint64_t kReadOpsMax = 1'000;

}  // namespace

void HostedChannel::join(std::size_t from, JoinRequest request) {
    if (home_.frameMemory().full()) {
        home_.deliveries().refuse({from, name(), std::move(request)},
                                  busyError("too many catch up"));
        return;
    }
    if (const auto error = forgotten(request.subscribe)) {
        home_.deliveries().refuse({from, name(), std::move(request)}, *error);
        return;
    }
    CommittedState& committed = state_->committed();
    const StreamId stream = request.subscribe.author.stream();
    committed.forget(stream, request.subscribe.done);
    if (request.subscribe.conflate && canConflate(committed, request.subscribe.cursor)) {
        joinWithRecords(from, std::move(request));
        return;
    }
    const CatchUpPlan plan = planCatchUp(committed, request.subscribe.cursor, rule_.historyOpsMax);
    if (plan.mode != CatchUpMode::tail) {
        joinWithSnapshot(from, std::move(request), plan.mode);
        return;
    }
    if (!plan.inMemory) {
        readTail(from, std::move(request));
        return;
    }
    const std::string& channel = sequencer_.quotedChannel();
    CatchUp catchUp;
    catchUp.subscribed = subscribedBody(channel, committed, plan.mode, committed.high(stream));
    fillTail(channel, committed, *request.subscribe.cursor, home_.settings().catchUpFrameBytesMax,
             request.subscribe.roomBytes, catchUp);
    answerJoin(from, std::move(request), std::move(catchUp));
}

std::optional<core::Error> HostedChannel::forgotten(const SubscribeRequest& subscribe) const {
    const StreamId stream = subscribe.author.stream();
    return sequencer_.forgotten(*state_, stream, subscribe.bornMs, home_.wallMs());
}

void HostedChannel::joinWithSnapshot(std::size_t from, JoinRequest request, CatchUpMode mode) {
    const std::string& channel = sequencer_.quotedChannel();
    const CommittedState& committed = state_->committed();
    const std::uint64_t high = committed.high(request.subscribe.author.stream());
    CatchUp catchUp;
    catchUp.mode = mode;
    catchUp.subscribed = subscribedBody(channel, committed, mode, high);
    const EncodedSnapshot& snapshot = encodedSnapshot();
    fillSnapshot(channel, committed, snapshot, high, request.subscribe.roomBytes, catchUp);
    answerJoin(from, std::move(request), std::move(catchUp), snapshot.frames.size());
}

void HostedChannel::joinWithRecords(std::size_t from, JoinRequest request) {
    CatchUp catchUp;
    catchUp.mode = CatchUpMode::records;
    fillRecords(sequencer_.quotedChannel(), state_->committed(), *request.subscribe.cursor,
                home_.settings().catchUpFrameBytesMax, request.subscribe.roomBytes, catchUp);
    answerJoin(from, std::move(request), std::move(catchUp));
}

// The first frames, if shared with others, are counted already.
void HostedChannel::answerJoin(std::size_t from, JoinRequest request, CatchUp catchUp,
                               std::size_t sharedFrames) {
    catchUp.slowConsumer = rule_.slowConsumer;
    for (std::size_t i = sharedFrames; i < catchUp.frames.size(); ++i)
        catchUp.frames[i] = home_.frameMemory().counted(std::move(catchUp.frames[i]));
    if (catchUp.live) {
        ++live_[from];
        if (subscribers_++ == 0) {
            publishedSeq_ = state_->committed().seq;
            publishedEpoch_ = state_->committed().epoch;
            if (home_.settings().broker != nullptr) home_.settings().broker->interest(name(), true);
        }
    }
    home_.deliveries().answer(from, std::move(request.answer),
                              core::Result<CatchUp>(std::move(catchUp)));
}

void HostedChannel::leave(std::size_t from) {
    if (live_[from] == 0) return;
    --live_[from];
    if (--subscribers_ == 0 && home_.settings().broker != nullptr)
        home_.settings().broker->interest(name(), false);
}

const EncodedSnapshot& HostedChannel::encodedSnapshot() {
    const CommittedState& committed = state_->committed();
    if (!snapshot_ || snapshot_->seq != committed.seq || snapshot_->epoch != committed.epoch) {
        snapshot_ = encodeSnapshot(sequencer_.quotedChannel(), committed,
                                   home_.settings().catchUpFrameBytesMax);
        for (core::SharedBytes& frame : snapshot_->frames)
            frame = home_.frameMemory().counted(std::move(frame));
        home_.noteCache();
    }
    return *snapshot_;
}

void HostedChannel::readTail(std::size_t from, JoinRequest request) {
    // The effect at the cursor itself is read too: its sum tells whether the cursor is of this
    // history.
    const std::uint64_t seq = request.subscribe.cursor->seq;
    const std::uint64_t first = std::max<std::uint64_t>(seq, 1);
    const std::uint64_t last = std::min(seq + kReadOpsMax, state_->committed().seq);
    readLog(first, last, {from, name(), std::move(request)});
}

void HostedChannel::onTailRead(Request waited, const std::vector<ReadEffect>& effects) {
    JoinRequest& request = std::get<JoinRequest>(waited.what);
    const Cursor cursor = *request.subscribe.cursor;
    // Loaded anew meanwhile: what the cursor means there is looked at from the start.
    if (phase_ != Phase::ready || state_->committed().epoch != cursor.epoch) {
        take(std::move(waited));
        return;
    }
    // Forgotten meanwhile, it would be told a `high` that is nobody's.
    if (const auto error = forgotten(request.subscribe)) {
        home_.deliveries().refuse(std::move(waited), *error);
        return;
    }
    const CommittedState& committed = state_->committed();
    auto next = effects.begin();
    const bool reaches = next != effects.end() && next->seq <= cursor.seq;
    if (reaches && !cursor.sum.empty() && core::toHex16(next->sum) != cursor.sum) {
        joinWithSnapshot(waited.from, std::move(request), CatchUpMode::ahead);
        return;
    }
    if (reaches) ++next;
    const bool checked = reaches || cursor.sum.empty() || cursor.seq == 0;
    if (!checked || next == effects.end() || next->seq != cursor.seq + 1) {
        joinWithSnapshot(waited.from, std::move(request), CatchUpMode::snapshot);
        return;
    }
    CatchUp catchUp;
    catchUp.subscribed = subscribedBody(sequencer_.quotedChannel(), committed, CatchUpMode::tail,
                                        committed.high(request.subscribe.author.stream()));
    TailFrames frames(sequencer_.quotedChannel(), committed.epoch,
                      home_.settings().catchUpFrameBytesMax, request.subscribe.roomBytes);
    while (next != effects.end() && frames.add({next->seq, next->sum, next->update})) ++next;
    frames.finish(true, catchUp);
    answerJoin(waited.from, std::move(request), std::move(catchUp));
}

// One chunk for every shard that has live subscribers.
void HostedChannel::publish(std::string frames, std::uint64_t firstSeq) {
    const CommittedState& committed = state_->committed();
    publishedSeq_ = committed.seq;
    publishedEpoch_ = committed.epoch;
    if (subscribers_ == 0) return;
    const broadcast::Chunk chunk{core::share(std::move(frames)), firstSeq, committed.seq,
                                 committed.epoch, core::toHex16(committed.sum)};
    for (std::size_t shard = 0; shard < live_.size(); ++shard)
        if (live_[shard] != 0) home_.deliveries().publish(shard, name(), chunk);
}

}  // namespace syncline::channel
