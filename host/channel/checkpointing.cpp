// SPDX-License-Identifier: Apache-2.0
#include "channel/checkpointing.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "channel/image_codec.h"

namespace syncline::channel {

namespace {

template <class Name>
void unique(std::vector<Name>& names) {
    std::ranges::sort(names);
    const auto repeats = std::ranges::unique(names);
    names.erase(repeats.begin(), repeats.end());
}

// A record that an entry in flight changes keeps its tombstone until that is settled.
void forgetTombstones(ChannelState& state, std::uint64_t passedSeq) {
    CommittedState& committed = state.committed();
    while (!committed.tombstones.empty() && committed.tombstones.front().first <= passedSeq) {
        const auto& [seq, key] = committed.tombstones.front();
        const auto found = committed.records.find(key);
        const bool isThatOne = found != committed.records.end() && found->second.deleted &&
                               found->second.version == seq;
        if (isThatOne) {
            if (state.isOverlaid(key)) return;
            committed.floor = std::max(committed.floor, seq);
            committed.noteChange(key);
            committed.records.erase(found);
        }
        committed.tombstones.pop_front();
    }
}

void forgetStreams(ChannelState& state, std::int64_t oldestMs) {
    CommittedState& committed = state.committed();
    for (auto at = committed.streams.begin(); at != committed.streams.end();) {
        const bool old = at->second.lastUsedMs < oldestMs;
        if (old && state.high(at->first) == at->second.high()) {
            // Whoever is younger than its last use is somebody else, whatever the clock says.
            committed.agedMs = std::max(committed.agedMs, at->second.lastUsedMs + 1);
            committed.noteChange(at->first);
            committed.erase(at++);
        } else {
            ++at;
        }
    }
}

}  // namespace

CheckpointPlan planCheckpoint(ChannelState& state, const std::string& channel,
                              const CheckpointLimits& limits, std::int64_t nowMs) {
    CommittedState& committed = state.committed();
    CheckpointPlan plan;
    committed.history.addMark(committed.index, committed.seq, nowMs);
    if (const auto passed = committed.history.pass(limits.history, committed.seq, nowMs)) {
        forgetTombstones(state, passed->seq);
        plan.trimBelowIndex = passed->index + 1;
    }
    forgetStreams(state, nowMs - limits.streamAgeMsMax);

    plan.changes = committed.takeChanges();
    unique(plan.changes.records);
    unique(plan.changes.streams);
    Checkpoint& checkpoint = plan.checkpoint;
    checkpoint.channel = channel;
    checkpoint.epoch = committed.epoch;
    checkpoint.index = committed.index;
    checkpoint.seq = committed.seq;
    checkpoint.head = encodeHead(committed);
    for (const std::string& key : plan.changes.records) {
        const Record* record = committed.find(key);
        checkpoint.records.push_back({key, record == nullptr ? "" : encodeRecord(*record)});
    }
    for (const StreamId& id : plan.changes.streams) {
        const Stream* stream = committed.find(id);
        checkpoint.streams.push_back({id.toHex(), stream == nullptr ? "" : encodeStream(*stream)});
    }
    return plan;
}

}  // namespace syncline::channel
