// SPDX-License-Identifier: Apache-2.0
#include "channel/channel_loading.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "channel/entry_codec.h"
#include "channel/image_codec.h"
#include "channel/member_text.h"
#include "channel/replies.h"

namespace syncline::channel {

namespace {

// How much of the log before the checkpoint is brought back into memory: enough for clients that
// were away for a moment, without reading much before the channel can be used.
constexpr std::uint64_t kWarmOps = 1'000;

core::Result<void> takeCheckpoint(CommittedState& state, Checkpoint checkpoint) {
    if (checkpoint.head == kUnfinishedImport)
        return core::fail(core::Code::storageUnavailable,
                          "its import did not come to its end: import it again");
    if (auto head = decodeHead(checkpoint.head, state); !head) return head;
    state.epoch = std::move(checkpoint.epoch);
    state.epochWritten = true;
    state.index = checkpoint.index;
    state.checkpointIndex = checkpoint.index;
    state.seq = checkpoint.seq;
    for (StoredItem& item : checkpoint.records) {
        core::Result<Record> record = decodeRecord(item.body);
        if (!record) return core::fail(std::move(record.error()));
        if (record->deleted) state.tombstones.emplace_back(record->version, item.name);
        if (OpenConflicts::isKey(item.name)) state.conflicts.note(item.name, &*record);
        state.records.emplace(std::move(item.name), std::move(*record));
    }
    std::ranges::sort(state.tombstones);
    for (const StoredItem& item : checkpoint.streams) {
        const std::optional<StreamId> id = StreamId::fromHex(item.name);
        core::Result<Stream> stream = decodeStream(item.body);
        if (!id || !stream)
            return core::fail(core::Code::storageUnavailable, "the image of a stream is damaged");
        if (stream->keyed) ++state.keys;
        state.streams.emplace(*id, std::move(*stream));
    }
    return {};
}

// The end of the log before the checkpoint. It only saves reading later: whatever is wrong with it
// is found when it is read for somebody.
void warm(Storage& storage, const LoadSettings& settings, CommittedState& state) {
    const std::uint64_t passed = state.history.passedSeq();
    if (state.seq <= passed) return;
    const std::uint64_t count =
        std::min({kWarmOps, static_cast<std::uint64_t>(settings.logOpsMax), state.seq - passed});
    core::Result<std::vector<StoredEntry>> stored =
        storage.readLog(settings.channel, state.seq - count + 1, state.seq);
    if (!stored || stored->size() != count) return;
    const std::string quotedChannel = quoted(settings.channel);
    std::uint64_t previousSum = 0;
    LogTail log;
    for (std::uint64_t i = 0; i < count; ++i) {
        core::Result<Entry> entry = decodeEntry((*stored)[i]);
        if (!entry || entry->seq != state.seq - count + 1 + i) return;
        const std::uint64_t sum = entry->sum;
        // The very first has no known predecessor, and a renewed epoch starts anew.
        if (!entry->epoch.empty()) log.clear();
        if (i != 0) {
            std::string update = updateText(quotedChannel, *entry);
            log.push(*entry, previousSum, std::move(update));
        }
        previousSum = sum;
    }
    if (previousSum == state.sum) state.log = std::move(log);
}

bool applyEffects(CommittedState& state, const Entry& entry, std::size_t stampsMax) {
    const Mark mark{entry.seq, entry.stream, entry.by};
    return std::ranges::all_of(entry.effects, [&](const Effect& effect) {
        return applyFromLog(effect, state.recordForChange(effect.key), mark, stampsMax);
    });
}

tl::unexpected<core::Error> naming(const std::string& channel, std::string why) {
    core::Error error = core::Error::of(core::Code::storageUnavailable,
                                        "channel '" + channel + "': " + std::move(why));
    error.retryAfterMs = 1'000;
    return core::fail(std::move(error));
}

}  // namespace

bool replay(CommittedState& state, Entry entry, std::string_view quotedChannel,
            std::size_t stampsMax) {
    if (entry.index != state.index + 1) return false;
    // A stream that starts again was forgotten for its age, after the checkpoint that still has it.
    if (entry.n == 1) {
        const auto old = state.streams.find(entry.stream);
        if (old != state.streams.end()) state.erase(old);
    }
    if (!entry.stream.isNobody() && entry.n != state.high(entry.stream) + 1) return false;
    if (!entry.epoch.empty()) {
        state.epoch = entry.epoch;
        state.log.clear();
        if (entry.index == 1) state.sum = firstSum(entry.epoch);
    }
    if (!entry.effects.empty()) {
        if (entry.seq != state.seq + 1 || entry.sum != chainSum(entry, state.sum)) return false;
        // The checkpoint whose making moved the floor may never have been written.
        for (const Effect& effect : entry.effects)
            state.floor = std::max(state.floor, effect.floor);
        if (!applyEffects(state, entry, stampsMax)) return false;
        std::string update = updateText(quotedChannel, entry);
        state.log.push(entry, state.sum, std::move(update));
    }
    state.settle(entry);
    return true;
}

core::Result<CommittedState> loadChannel(Storage& storage, const LoadSettings& settings) {
    core::Result<StoredChannel> stored = storage.load(settings.channel);
    if (!stored) return naming(settings.channel, stored.error().reason);
    CommittedState state;
    if (stored->checkpoint) {
        if (auto taken = takeCheckpoint(state, std::move(*stored->checkpoint)); !taken)
            return naming(settings.channel, taken.error().reason);
        warm(storage, settings, state);
    }
    const std::string quotedChannel = quoted(settings.channel);
    for (const StoredEntry& body : stored->entries) {
        if (body.index <= state.index) continue;
        core::Result<Entry> entry = decodeEntry(body);
        if (!entry) return naming(settings.channel, entry.error().reason);
        if (!replay(state, std::move(*entry), quotedChannel, settings.stampsMax))
            return naming(settings.channel,
                          "the log is broken at entry " + std::to_string(body.index));
        state.history.noteBytes(body.body.size());
        state.log.trim(settings.logOpsMax, settings.logBytesMax,
                       std::numeric_limits<std::int64_t>::min());
    }
    if (state.epoch.empty() || (settings.renewEpoch && state.epoch != settings.freshEpoch)) {
        if (state.epoch.empty()) state.sum = firstSum(settings.freshEpoch);
        state.epoch = settings.freshEpoch;
        state.epochWritten = false;
        state.log.clear();
    }
    return state;
}

}  // namespace syncline::channel
