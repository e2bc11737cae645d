// SPDX-License-Identifier: Apache-2.0
#include "channel/committed_state.h"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace syncline::channel {

const Record* CommittedState::find(std::string_view key) const {
    const auto found = records.find(key);
    return found == records.end() ? nullptr : &found->second;
}

const Stream* CommittedState::find(const StreamId& id) const {
    const auto found = streams.find(id);
    return found == streams.end() ? nullptr : &found->second;
}

std::uint64_t CommittedState::high(const StreamId& id) const {
    const Stream* stream = find(id);
    return stream == nullptr ? 0 : stream->high();
}

Record& CommittedState::recordForChange(const std::string& key) {
    noteChange(key);
    return records[key];
}

void CommittedState::settle(Entry& entry) {
    assert(entry.index == index + 1);
    index = entry.index;
    if (!entry.epoch.empty()) epochWritten = true;
    if (!entry.effects.empty()) {
        assert(entry.seq == seq + 1);
        seq = entry.seq;
        sum = entry.sum;
        // A batch may make again what it deletes: whoever sweeps looks at what the record is.
        for (Effect& effect : entry.effects) {
            if (OpenConflicts::isKey(effect.key)) conflicts.note(effect.key, find(effect.key));
            if (effect.kind == OpKind::remove) tombstones.emplace_back(seq, std::move(effect.key));
        }
    }
    if (entry.stream.isNobody()) return;
    Stream& stream = streams[entry.stream];
    if (entry.keyed && !stream.keyed) {
        stream.keyed = true;
        ++keys;
    }
    stream.user = entry.by;
    // Clocks go back: a stream does not get older by being used, nor was it used before its client
    // gave its first number. What is forgotten later is known by that.
    stream.lastUsedMs = std::max({stream.lastUsedMs, entry.atMs, entry.bornMs});
    stream.add(std::move(entry.verdict));
    // Never the op's own number: its client cannot know the verdict yet.
    stream.forget(std::min(entry.done, entry.n - 1));
    noteChange(entry.stream);
}

void CommittedState::erase(Streams::iterator stream) {
    if (stream->second.keyed) --keys;
    streams.erase(stream);
}

void CommittedState::forget(const StreamId& id, std::uint64_t done) {
    const auto found = streams.find(id);
    if (found == streams.end() || done <= found->second.forgotten()) return;
    found->second.forget(done);
    noteChange(id);
}

void CommittedState::putBack(Changes changes) {
    std::ranges::move(changes.records, std::back_inserter(changes_.records));
    std::ranges::move(changes.streams, std::back_inserter(changes_.streams));
}

}  // namespace syncline::channel
