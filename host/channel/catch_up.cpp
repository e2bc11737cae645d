// SPDX-License-Identifier: Apache-2.0
#include "channel/catch_up.h"

#include <algorithm>
#include <utility>

#include "channel/entry_codec.h"
#include "channel/member_text.h"
#include "wire/frame.h"

namespace syncline::channel {

namespace {

core::SharedBytes framed(std::string_view body) {
    std::string frame;
    frame.reserve(body.size() + wire::kFrameHeadMax);
    wire::appendFrame(frame, wire::Opcode::text, body);
    return core::share(std::move(frame));
}

Cursor headOf(const CommittedState& state) {
    return {state.epoch, state.seq, core::toHex16(state.sum)};
}

void goLive(std::string_view quotedChannel, const CommittedState& state, CatchUp& catchUp) {
    std::string body;
    openMessage(body, "live", quotedChannel);
    appendMember(body, "seq", state.seq);
    appendSum(body, state.sum);
    body += '}';
    catchUp.frames.push_back(framed(body));
    catchUp.live = true;
}

// The sum at a seq, if memory has it.
std::optional<std::uint64_t> sumAt(const CommittedState& state, std::uint64_t seq) {
    if (seq == state.seq) return state.sum;
    if (seq == 0) return firstSum(state.epoch);
    if (const LogTail::Item* item = state.log.find(seq)) return item->sum;
    if (const LogTail::Item* next = state.log.find(seq + 1)) return next->previousSum;
    return std::nullopt;
}

}  // namespace

std::string_view nameOf(CatchUpMode mode) {
    switch (mode) {
        case CatchUpMode::tail:
            return "tail";
        case CatchUpMode::snapshot:
            return "snapshot";
        case CatchUpMode::reset:
            return "reset";
        case CatchUpMode::ahead:
            return "ahead";
        case CatchUpMode::records:
            return "records";
        case CatchUpMode::count_:
            break;
    }
    return {};
}

CatchUpPlan planCatchUp(const CommittedState& state, const std::optional<Cursor>& cursor,
                        std::uint64_t historyOpsMax) {
    if (!cursor) return {CatchUpMode::snapshot, true};
    if (cursor->epoch != state.epoch) return {CatchUpMode::reset, true};
    if (cursor->seq > state.seq) return {CatchUpMode::ahead, true};
    const std::optional<std::uint64_t> known = sumAt(state, cursor->seq);
    if (!cursor->sum.empty() && known && core::toHex16(*known) != cursor->sum)
        return {CatchUpMode::ahead, true};
    const std::uint64_t kept =
        std::max(state.history.passedSeq(), state.seq - std::min(state.seq, historyOpsMax));
    if (cursor->seq < kept) return {CatchUpMode::snapshot, true};
    const bool begins = cursor->seq == state.seq || state.log.find(cursor->seq + 1) != nullptr;
    return {CatchUpMode::tail, begins && (known.has_value() || cursor->sum.empty())};
}

std::string subscribedBody(std::string_view quotedChannel, const CommittedState& state,
                           CatchUpMode mode, std::uint64_t high) {
    std::string body;
    openMessage(body, "subscribed", quotedChannel);
    appendMember(body, "epoch", state.epoch);
    appendMember(body, "seq", state.seq);
    appendMember(body, "mode", nameOf(mode));
    appendMember(body, "high", high);
    body += '}';
    return body;
}

bool TailFrames::add(const LogPiece& piece) {
    if (last_ && bytes_ + piece.update.size() > roomBytes_) return false;
    if (!updates_.empty() && updates_.size() + piece.update.size() > frameBytesMax_)
        closeFrame(true);
    if (!updates_.empty()) updates_ += ',';
    updates_ += piece.update;
    bytes_ += piece.update.size();
    last_ = {piece.seq, piece.sum, {}};
    return true;
}

void TailFrames::closeFrame(bool more) {
    std::string body;
    body.reserve(updates_.size() + 100 + quotedChannel_.size());
    openMessage(body, "updates", quotedChannel_);
    appendMember(body, "epoch", epoch_);
    appendName(body, "updates");
    body += '[';
    body += updates_;
    body += ']';
    appendMember(body, "more", more);
    body += '}';
    frames_.push_back(framed(body));
    updates_.clear();
}

void TailFrames::finish(bool more, CatchUp& catchUp) {
    if (!last_) return;
    closeFrame(more);
    catchUp.frames = std::move(frames_);
    catchUp.reached = {std::string(epoch_), last_->seq, core::toHex16(last_->sum)};
}

void fillTail(std::string_view quotedChannel, const CommittedState& state, const Cursor& cursor,
              std::size_t frameBytesMax, std::size_t roomBytes, CatchUp& catchUp) {
    TailFrames frames(quotedChannel, state.epoch, frameBytesMax, roomBytes);
    catchUp.reached = cursor;
    std::uint64_t next = cursor.seq + 1;
    for (; next <= state.seq; ++next) {
        const LogTail::Item* item = state.log.find(next);
        if (!frames.add({item->seq, item->sum, item->update})) break;
    }
    const bool complete = next > state.seq;
    frames.finish(!complete, catchUp);
    if (!complete) return;
    catchUp.reached = headOf(state);
    goLive(quotedChannel, state, catchUp);
}

void fillSnapshot(std::string_view quotedChannel, const CommittedState& state,
                  const EncodedSnapshot& snapshot, std::uint64_t high, std::size_t roomBytes,
                  CatchUp& catchUp) {
    catchUp.frames = snapshot.frames;
    catchUp.frames.push_back(
        framed(snapshotBody(quotedChannel, state, snapshot.lastRecords, high)));
    catchUp.reached = headOf(state);
    if (snapshot.bytes() <= roomBytes) goLive(quotedChannel, state, catchUp);
}

bool canConflate(const CommittedState& state, const std::optional<Cursor>& cursor) {
    // Behind the floor a tombstone may have been forgotten, and with it that a record is gone.
    return cursor && cursor->epoch == state.epoch && cursor->seq <= state.seq &&
           cursor->seq >= state.floor;
}

void fillRecords(std::string_view quotedChannel, const CommittedState& state, const Cursor& cursor,
                 std::size_t frameBytesMax, std::size_t roomBytes, CatchUp& catchUp) {
    const std::vector<std::string> chunks = changedChunks(state, cursor.seq, frameBytesMax);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < chunks.size() && cursor.seq < state.seq; ++i) {
        std::string body;
        openMessage(body, "records", quotedChannel);
        appendMember(body, "from", cursor.seq + 1);
        appendMember(body, "seq", state.seq);
        appendSum(body, state.sum);
        appendRawMember(body, "records", "[" + chunks[i] + "]");
        appendMember(body, "more", i + 1 < chunks.size());
        body += '}';
        bytes += body.size();
        catchUp.frames.push_back(framed(body));
    }
    catchUp.reached = headOf(state);
    if (bytes <= roomBytes) goLive(quotedChannel, state, catchUp);
}

}  // namespace syncline::channel
