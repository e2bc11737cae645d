// SPDX-License-Identifier: Apache-2.0
#include "channel/snapshot_text.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "channel/member_text.h"
#include "wire/frame.h"

namespace syncline::channel {

namespace {

/// Gathers records into chunks.
class Chunks {
public:
    explicit Chunks(std::size_t bytesMax) : bytesMax_(bytesMax), chunks_(1) {}

    void add(const std::string& key, const Record& record) {
        if (chunks_.back().size() >= bytesMax_) chunks_.emplace_back();
        std::string& out = chunks_.back();
        if (!out.empty()) out += ',';
        out += '{';
        appendMember(out, "key", key);
        appendMember(out, "version", record.version);
        if (record.deleted)
            appendMember(out, "deleted", true);
        else
            appendMember(out, "value", record.value);
        out += '}';
    }

    std::vector<std::string> take() { return std::move(chunks_); }

private:
    const std::size_t bytesMax_;
    std::vector<std::string> chunks_;
};

std::vector<const Records::value_type*> withPrefix(const CommittedState& state,
                                                   std::string_view prefix) {
    std::vector<const Records::value_type*> found;
    for (const auto& record : state.records)
        if (!record.second.deleted && record.first.starts_with(prefix)) found.push_back(&record);
    std::ranges::sort(found, [](const auto* a, const auto* b) {
        return std::tie(a->second.version, a->first) < std::tie(b->second.version, b->first);
    });
    return found;
}

// What is behind by little need not look at every record.
void addFromLog(const CommittedState& state, std::uint64_t seq, Chunks& chunks) {
    for (std::uint64_t next = seq + 1; next <= state.seq; ++next) {
        for (const LogTail::Overwritten& changed : state.log.find(next)->overwritten) {
            const Record* record = state.find(changed.key);
            const bool last = record != nullptr && record->version == next;
            if (last) chunks.add(changed.key, *record);
        }
    }
}

}  // namespace

std::size_t EncodedSnapshot::bytes() const {
    std::size_t sum = lastRecords.size();
    for (const core::SharedBytes& frame : frames) sum += frame->size();
    return sum;
}

std::vector<std::string> recordChunks(const CommittedState& state, const Selection& wanted,
                                      std::size_t chunkBytesMax) {
    Chunks chunks(chunkBytesMax);
    if (wanted.keys) {
        for (const std::string& key : *wanted.keys)
            if (const Record* record = state.find(key); record != nullptr && !record->deleted)
                chunks.add(key, *record);
    } else if (wanted.prefix) {
        for (const auto* found : withPrefix(state, *wanted.prefix))
            chunks.add(found->first, found->second);
    } else {
        for (const auto& [key, record] : state.records)
            if (!record.deleted) chunks.add(key, record);
    }
    return chunks.take();
}

std::vector<std::string> changedChunks(const CommittedState& state, std::uint64_t seq,
                                       std::size_t chunkBytesMax) {
    Chunks chunks(chunkBytesMax);
    if (state.seq - seq < state.records.size() && state.log.find(seq + 1) != nullptr) {
        addFromLog(state, seq, chunks);
    } else {
        for (const auto& [key, record] : state.records)
            if (record.version > seq) chunks.add(key, record);
    }
    return chunks.take();
}

std::string snapshotBody(std::string_view quotedChannel, const CommittedState& state,
                         std::string_view records, std::optional<std::uint64_t> high,
                         std::string_view digest) {
    std::string out;
    out.reserve(160 + quotedChannel.size() + records.size());
    openMessage(out, "snapshot", quotedChannel);
    appendMember(out, "epoch", state.epoch);
    appendMember(out, "seq", state.seq);
    appendSum(out, state.sum);
    if (high) appendMember(out, "high", *high);
    if (!digest.empty()) appendMember(out, "digest", digest);
    appendName(out, "records");
    out += '[';
    out += records;
    out += ']';
    appendMember(out, "more", !high.has_value());
    out += '}';
    return out;
}

EncodedSnapshot encodeSnapshot(std::string_view quotedChannel, const CommittedState& state,
                               std::size_t chunkBytesMax) {
    EncodedSnapshot snapshot{state.epoch, state.seq, {}, {}};
    std::vector<std::string> chunks = recordChunks(state, {}, chunkBytesMax);
    snapshot.lastRecords = std::move(chunks.back());
    chunks.pop_back();
    for (const std::string& chunk : chunks) {
        std::string frame;
        wire::appendFrame(frame, wire::Opcode::text,
                          snapshotBody(quotedChannel, state, chunk, std::nullopt));
        snapshot.frames.push_back(core::share(std::move(frame)));
    }
    return snapshot;
}

}  // namespace syncline::channel
