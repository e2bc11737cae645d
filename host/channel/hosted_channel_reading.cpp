// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "channel/digest.h"
#include "channel/entry_codec.h"
#include "channel/home.h"
#include "channel/hosted_channel.h"
#include "channel/member_text.h"
#include "channel/overwritten_text.h"
#include "channel/replies.h"

namespace syncline::channel {

namespace {

// Ops that are read from the storage at once for one message.
constexpr std::uint64_t kHistoryOpsMax = 1'000;

// Elements of a JSON array, in messages of about a size; the last one says that it is.
class Chunks {
public:
    Chunks(std::string head, std::string_view name, std::size_t bytesMax)
        : head_(std::move(head)), name_(name), bytesMax_(bytesMax) {}

    void add(std::string_view element) {
        if (!elements_.empty() && elements_.size() + element.size() > bytesMax_) close(true);
        if (!elements_.empty()) elements_ += ',';
        elements_ += element;
    }

    std::vector<std::string> finish() {
        close(false);
        return std::move(bodies_);
    }

private:
    void close(bool more) {
        std::string& body = bodies_.emplace_back(head_);
        body += ",\"";
        body += name_;
        body += "\":[";
        body += elements_;
        body += more ? "],\"more\":true}" : "],\"more\":false}";
        elements_.clear();
    }

    const std::string head_;
    const std::string_view name_;
    const std::size_t bytesMax_;
    std::string elements_;
    std::vector<std::string> bodies_;
};

std::string unknownReply(std::string_view quotedChannel, std::uint64_t n) {
    std::string out;
    openMessage(out, "unknown", quotedChannel);
    appendMember(out, "n", n);
    appendMember(out, "settled", false);
    return out + '}';
}

/// An `updates` message under way, as large as a frame may be but with one op at least.
class Updates {
public:
    explicit Updates(std::size_t bytesMax) : bytesMax_(bytesMax) {}

    bool add(std::uint64_t seq, std::string_view update) {
        if (!texts_.empty() && texts_.size() + update.size() > bytesMax_) return false;
        if (!texts_.empty()) texts_ += ',';
        texts_ += update;
        lastSeq_ = seq;
        return true;
    }

    /// `fromSeq`: where it would have begun, had nothing been forgotten.
    std::string finish(std::string_view quotedChannel, const CommittedState& state,
                       std::uint64_t fromSeq) const {
        std::string body;
        body.reserve(texts_.size() + 100 + quotedChannel.size());
        openMessage(body, "updates", quotedChannel);
        appendMember(body, "epoch", state.epoch);
        appendMember(body, "from", fromSeq);
        appendRawMember(body, "updates", "[");
        body += texts_;
        body += ']';
        appendMember(body, "more", lastSeq_ != 0 && lastSeq_ < state.seq);
        body += '}';
        return body;
    }

private:
    const std::size_t bytesMax_;
    std::string texts_;
    std::uint64_t lastSeq_ = 0;
};

}  // namespace

void HostedChannel::readLog(std::uint64_t first, std::uint64_t last, Request waiting) {
    const std::uint64_t ticket = ++readTickets_;
    const bool posted = home_.background(
        [this, ticket, first, last, &storage = queue_.storage(), &shard = home_.shard()] {
            core::Result<std::vector<ReadEffect>> effects;
            core::Result<std::vector<StoredEntry>> stored = storage.readLog(name(), first, last);
            if (!stored) effects = core::fail(std::move(stored.error()));
            for (std::size_t i = 0; stored && effects && i < stored->size(); ++i) {
                core::Result<Entry> entry = decodeEntry((*stored)[i]);
                if (!entry)
                    effects = core::fail(std::move(entry.error()));
                else if (!entry->effects.empty())
                    effects->push_back({entry->seq, entry->sum,
                                        updateText(sequencer_.quotedChannel(), *entry),
                                        LogTail::takeOverwritten(entry->effects)});
            }
            shard.postAlways([this, ticket, effects = std::move(effects)]() mutable {
                onLogRead(ticket, std::move(effects));
            });
        });
    if (posted)
        reading_.emplace(ticket, std::move(waiting));
    else
        home_.deliveries().refuse(std::move(waiting), busyError("too many wait for old log"));
}

void HostedChannel::onLogRead(std::uint64_t ticket, core::Result<std::vector<ReadEffect>> effects) {
    Request waited = std::move(reading_.extract(ticket).mapped());
    home_.soon();
    if (!effects)
        home_.deliveries().refuse(std::move(waited), effects.error());
    else if (phase_ != Phase::ready)
        take(std::move(waited));
    else if (std::holds_alternative<HistoryRequest>(waited.what))
        onHistoryRead(std::move(waited), *effects);
    else
        onTailRead(std::move(waited), *effects);
}

void HostedChannel::giveSnapshot(std::size_t from, SnapshotRequest request) {
    const CommittedState& committed = state_->committed();
    const std::uint64_t high = committed.high(request.author.stream());
    std::vector<std::string> bodies;
    const std::vector<std::string> chunks =
        recordChunks(committed, request.wanted, home_.settings().catchUpFrameBytesMax);
    // It is of all records, and asked for by a message of a few bytes.
    if (request.wanted.digest && !digest_) digest_ = digestOf(committed);
    const std::string_view digest = request.wanted.digest ? *digest_ : std::string_view();
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        const bool last = i + 1 == chunks.size();
        bodies.push_back(snapshotBody(sequencer_.quotedChannel(), committed, chunks[i],
                                      last ? std::optional(high) : std::nullopt,
                                      last ? digest : std::string_view()));
    }
    home_.deliveries().answer(from, std::move(request.answer), std::move(bodies));
}

void HostedChannel::giveHistory(std::size_t from, HistoryRequest request) {
    const CommittedState& committed = state_->committed();
    const std::uint64_t first =
        std::max({request.span.fromSeq, committed.history.passedSeq() + 1, std::uint64_t{1}});
    const std::uint64_t count = std::clamp<std::uint64_t>(request.span.opsMax, 1, kHistoryOpsMax);
    const std::uint64_t last = std::min(committed.seq, first + count - 1);
    if (first <= last && committed.log.find(first) == nullptr) {
        readLog(first, last, {from, name(), std::move(request)});
        return;
    }
    Updates updates(home_.settings().catchUpFrameBytesMax);
    for (std::uint64_t seq = first; seq <= last; ++seq) {
        const LogTail::Item& item = *committed.log.find(seq);
        const bool added = request.span.values
                               ? updates.add(seq, withOverwritten(item.update, item.overwritten))
                               : updates.add(seq, item.update);
        if (!added) break;
    }
    home_.deliveries().answer(
        from, std::move(request.answer),
        std::vector{updates.finish(sequencer_.quotedChannel(), committed, first)});
}

void HostedChannel::onHistoryRead(Request waited, const std::vector<ReadEffect>& effects) {
    HistoryRequest& request = std::get<HistoryRequest>(waited.what);
    Updates updates(home_.settings().catchUpFrameBytesMax);
    for (const ReadEffect& effect : effects)
        if (!updates.add(effect.seq, request.span.values
                                         ? withOverwritten(effect.update, effect.overwritten)
                                         : effect.update))
            break;
    const std::uint64_t first = effects.empty() ? state_->committed().seq + 1 : effects.front().seq;
    home_.deliveries().answer(
        waited.from, std::move(request.answer),
        std::vector{updates.finish(sequencer_.quotedChannel(), state_->committed(), first)});
}

void HostedChannel::giveOutcomes(std::size_t from, OutcomesRequest request) {
    const CommittedState& committed = state_->committed();
    const StreamId id = request.author.stream();
    const Stream* stream = committed.find(id);
    std::string head;
    openMessage(head, "statuses", sequencer_.quotedChannel());
    appendMember(head, "epoch", committed.epoch);
    appendMember(head, "high", committed.high(id));
    Chunks chunks(std::move(head), "results", home_.settings().catchUpFrameBytesMax);
    for (const std::uint64_t n : request.numbers) {
        const StoredVerdict* verdict = stream == nullptr ? nullptr : stream->find(n);
        chunks.add(verdict == nullptr
                       ? unknownReply(sequencer_.quotedChannel(), n)
                       : verdictReply(sequencer_.quotedChannel(), n, *verdict, true));
    }
    home_.deliveries().answer(from, std::move(request.answer), chunks.finish());
}

}  // namespace syncline::channel
