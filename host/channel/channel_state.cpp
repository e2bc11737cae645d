// SPDX-License-Identifier: Apache-2.0
#include "channel/channel_state.h"

#include <algorithm>
#include <cassert>
#include <ranges>
#include <utility>

#include "channel/undo.h"

namespace syncline::channel {

namespace {

bool opensConflict(const Entry& entry) {
    return entry.stream.isNobody() && OpenConflicts::isKey(entry.verdict.key) &&
           entry.effects.front().kind == OpKind::set;
}

}  // namespace

std::uint64_t ChannelState::sum() const {
    if (seqs_.empty()) return committed_.sum;
    return inFlight_[seqs_.back() - committed_.index - 1].sum;
}

const Record* ChannelState::find(std::string_view key) const {
    if (!overlay_.empty())
        if (const auto found = overlay_.find(key); found != overlay_.end()) return &found->second;
    return committed_.find(key);
}

std::uint64_t ChannelState::forgottenBehind(std::uint64_t base, const Record* record) const {
    const std::uint64_t floor = record != nullptr ? record->floor : committed_.floor;
    return base != 0 && base < floor ? floor : 0;
}

std::uint64_t ChannelState::high(const StreamId& id) const {
    const auto found = streams_.find(id);
    return committed_.high(id) + (found == streams_.end() ? 0 : found->second.size());
}

const StoredVerdict* ChannelState::verdict(const StreamId& id, std::uint64_t n) const {
    const Stream* stream = committed_.find(id);
    const std::uint64_t high = stream == nullptr ? 0 : stream->high();
    if (n <= high) return stream == nullptr ? nullptr : stream->find(n);
    const auto found = streams_.find(id);
    if (found == streams_.end() || n - high > found->second.size()) return nullptr;
    return &inFlight_[found->second[n - high - 1] - committed_.index - 1].verdict;
}

bool ChannelState::tookEffect(const StreamId& id, std::uint64_t n) const {
    if (const StoredVerdict* known = verdict(id, n)) return channel::tookEffect(known->outcome);
    const Stream* stream = committed_.find(id);
    return stream != nullptr && stream->tookEffect(n);
}

std::size_t ChannelState::outcomesKept(const StreamId& id, std::uint64_t done) const {
    const Stream* stream = committed_.find(id);
    const std::uint64_t forgotten = stream == nullptr ? 0 : stream->forgotten();
    return high(id) - std::max(forgotten, std::min(done, committed_.high(id)));
}

std::string_view ChannelState::userOf(const StreamId& id) const {
    if (const auto found = streams_.find(id); found != streams_.end() && !found->second.empty())
        return inFlight_[found->second.front() - committed_.index - 1].by;
    const Stream* stream = committed_.find(id);
    return stream == nullptr ? std::string_view() : std::string_view(stream->user);
}

Record& ChannelState::change(const std::string& key, Carry carry) {
    if (trial_) noteForTrial(key);
    const auto [at, fresh] = overlay_.try_emplace(key);
    Record& record = at->second;
    if (!fresh) return record;
    const Record* base = committed_.find(key);
    if (base == nullptr) {
        ++newRecords_;
        return record;
    }
    if (carry == Carry::all) {
        record = base->clone();
    } else if (carry == Carry::stamps) {
        record.stamps = base->stamps;
        record.floor = base->floor;
        record.version = base->version;
    }
    return record;
}

void ChannelState::beginTrial(const Entry& entry) {
    trial_.emplace();
    tried_ = &entry;
}

void ChannelState::keepTrial() {
    trial_.reset();
    tried_ = nullptr;
}

void ChannelState::noteForTrial(const std::string& key) {
    const auto [noted, fresh] = trial_->try_emplace(key);
    if (!fresh) return;
    if (const auto found = overlay_.find(key); found != overlay_.end())
        noted->second = found->second.clone();
}

void ChannelState::takeBackTrial() {
    for (auto& [key, before] : *trial_) {
        if (before) {
            overlay_.insert_or_assign(key, std::move(*before));
            continue;
        }
        if (overlay_.erase(key) != 0 && committed_.find(key) == nullptr) --newRecords_;
    }
    keepTrial();
}

Entry& ChannelState::append(Entry&& entry) {
    assert(entry.index == index() + 1);
    if (opensConflict(entry)) ++conflictsInFlight_;
    if (!entry.effects.empty()) seqs_.push_back(entry.index);
    if (!entry.stream.isNobody()) streams_[entry.stream].push_back(entry.index);
    return inFlight_.emplace_back(std::move(entry));
}

const Entry* ChannelState::uncommitted(std::uint64_t seq) const {
    const std::uint64_t place = seq - committed_.seq - 1;
    if (place >= seqs_.size()) return tried_;
    return &inFlight_[seqs_[place] - committed_.index - 1];
}

std::optional<ChannelState::WayBack> ChannelState::wayBack(std::uint64_t seq,
                                                           std::string_view key) const {
    if (seq <= committed_.seq) {
        const LogTail::Overwritten* overwritten = committed_.log.find(seq, key);
        if (overwritten == nullptr) return std::nullopt;
        return WayBack{overwritten->previousVersion, {overwritten->undo}};
    }
    WayBack way{0, {}};
    const Entry* entry = uncommitted(seq);
    if (entry == nullptr) return std::nullopt;
    for (const Effect& effect : entry->effects | std::views::reverse) {
        if (effect.key != key) continue;
        way.previousVersion = effect.previousVersion;
        way.undo.push_back(effect.undo);
    }
    return way;
}

bool ChannelState::rebuild(const std::string& key, const Record& record, std::uint64_t base,
                           std::optional<json::Value>& value) const {
    value.reset();
    if (!record.deleted) value = record.value.clone();
    for (std::uint64_t version = record.version; version > base;) {
        const std::optional<WayBack> way = wayBack(version, key);
        if (!way) return false;
        for (const std::string_view undo : way->undo)
            if (!applyUndo(undo, value)) return false;
        version = way->previousVersion;
        // Before its first known version there may have been a tombstone that is forgotten.
        if (version == 0 && base < committed_.floor) return false;
    }
    return true;
}

std::string_view ChannelState::commitFirst(std::uint64_t lastSeq, std::string update) {
    Entry& entry = inFlight_.front();
    if (opensConflict(entry)) --conflictsInFlight_;
    if (!entry.stream.isNobody()) {
        const auto found = streams_.find(entry.stream);
        found->second.erase(found->second.begin());
        if (found->second.empty()) streams_.erase(found);
    }
    std::string_view pushed;
    if (!entry.effects.empty()) {
        seqs_.pop_front();
        for (auto effect = entry.effects.begin(); effect != entry.effects.end(); ++effect)
            if (std::find_if(entry.effects.begin(), effect, [&](const Effect& earlier) {
                    return earlier.key == effect->key;
                }) == effect)
                settleRecord(entry, effect->key, lastSeq);
        pushed = committed_.log.push(entry, committed_.sum, std::move(update)).update;
    }
    committed_.settle(entry);
    inFlight_.pop_front();
    return pushed;
}

// The overlay has the record after the last entry in flight that changes it. When that entry is
// among those committed now, its record moves over once, and the entries before it need no
// application.
void ChannelState::settleRecord(const Entry& entry, const std::string& key, std::uint64_t lastSeq) {
    const auto newest = overlay_.find(key);
    assert(newest != overlay_.end());
    const std::uint64_t newestVersion = newest->second.version;
    if (newestVersion != entry.seq && newestVersion <= lastSeq) return;
    const std::size_t before = committed_.records.size();
    Record& record = committed_.recordForChange(key);
    newRecords_ -= committed_.records.size() - before;
    if (newestVersion == entry.seq) {
        record = std::move(newest->second);
        overlay_.erase(newest);
        return;
    }
    const Mark mark{entry.seq, entry.stream, entry.by};
    for (const Effect& effect : entry.effects) {
        if (effect.key != key) continue;
        [[maybe_unused]] const bool applied = applyFromLog(effect, record, mark, stampsMax_);
        assert(applied);
    }
}

void ChannelState::dropInFlight() {
    overlay_.clear();
    keepTrial();
    newRecords_ = 0;
    conflictsInFlight_ = 0;
    inFlight_.clear();
    seqs_.clear();
    streams_.clear();
}

}  // namespace syncline::channel
