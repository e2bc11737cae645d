// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "channel/committed_state.h"
#include "channel/entry.h"
#include "json/value.h"

namespace syncline::channel {

/// A channel's committed state, and over it what its entries in flight (sequenced, not committed
/// yet) will make of it. The sequencer reads both; everybody else only what is committed. Owned by
/// the home of the channel. [its shard]
///
///     find() -> overlay (records that entries in flight changed) -> committed
///     append() -> in flight -> commitFirst() -> committed, or dropInFlight() -> gone
class ChannelState {
public:
    ChannelState(CommittedState committed, std::size_t stampsMax)
        : committed_(std::move(committed)), stampsMax_(stampsMax) {}

    const CommittedState& committed() const { return committed_; }
    CommittedState& committed() { return committed_; }

    // As of the last entry in flight.
    std::uint64_t index() const { return committed_.index + inFlight_.size(); }
    std::uint64_t seq() const { return committed_.seq + seqs_.size(); }
    std::uint64_t sum() const;
    std::size_t recordCount() const { return committed_.records.size() + newRecords_; }

    /// How many conflicts are open, at most: what is resolved in flight counts still.
    std::size_t openConflicts() const { return committed_.conflicts.size() + conflictsInFlight_; }

    /// The record, deleted ones too; nullptr when there never was one.
    const Record* find(std::string_view key) const;

    /// Up to which seq a delete of the record (as find() answers it) may be forgotten that whoever
    /// stands at `base` does not know of; 0: none is. Who had seen nothing yet, at 0, lacks none.
    std::uint64_t forgottenBehind(std::uint64_t base, const Record* record) const;
    bool isOverlaid(std::string_view key) const { return overlay_.contains(key); }

    std::uint64_t high(const StreamId& id) const;
    bool tookEffect(const StreamId& id, std::uint64_t n) const;
    /// How many outcomes the stream keeps once all numbers up to `done` are forgotten.
    std::size_t outcomesKept(const StreamId& id, std::uint64_t done) const;
    std::string_view userOf(const StreamId& id) const;

    /// The verdict of a number; nullptr when it is not consumed or forgotten.
    const StoredVerdict* verdict(const StreamId& id, std::uint64_t n) const;

    /// What of the committed record a change builds on.
    enum class Carry { nothing, stamps, all };

    /// The record for a change by the entry that is appended next.
    Record& change(const std::string& key, Carry carry);

    /// From here on changes, which belong to `entry` (borrowed), can be taken back, until one of
    /// the other two is called.
    void beginTrial(const Entry& entry);
    void keepTrial();
    void takeBackTrial();

    /// Puts the next entry in flight. Its index (and seq, with effects) are the next ones.
    Entry& append(Entry&& entry);

    /// Rebuilds a record's value as it was at `base` from what was overwritten since; the optional
    /// is empty when there was no record. Answers false when the log in memory does not reach back.
    bool rebuild(const std::string& key, const Record& record, std::uint64_t base,
                 std::optional<json::Value>& value) const;

    std::size_t inFlight() const { return inFlight_.size(); }
    const Entry& inFlight(std::size_t position) const { return inFlight_[position]; }

    /// The first entry in flight is committed, and so are all in flight up to `lastSeq`. `update`
    /// is its push, empty without an effect; the answer is where it lies now, until it is trimmed.
    std::string_view commitFirst(std::uint64_t lastSeq, std::string update);

    /// No entry in flight will be committed.
    void dropInFlight();

private:
    /// How the record before a change follows from the one after it.
    struct WayBack {
        std::uint64_t previousVersion;
        std::vector<std::string_view> undo;  ///< in this order
    };
    std::optional<WayBack> wayBack(std::uint64_t seq, std::string_view key) const;
    const Entry* uncommitted(std::uint64_t seq) const;
    void settleRecord(const Entry& entry, const std::string& key, std::uint64_t lastSeq);
    void noteForTrial(const std::string& key);

    CommittedState committed_;
    const std::size_t stampsMax_;

    /// Records as the overlay had them, nothing where it had none, when a trial first changed them.
    using Trial = std::unordered_map<std::string, std::optional<Record>>;

    Records overlay_;
    std::optional<Trial> trial_;
    const Entry* tried_ = nullptr;
    std::size_t newRecords_ = 0;  // in the overlay and not committed
    std::size_t conflictsInFlight_ = 0;
    std::deque<Entry> inFlight_;
    std::deque<std::uint64_t> seqs_;  // the index of each seq in flight
    // By stream: the indexes of its entries in flight, whose numbers follow the committed high.
    std::unordered_map<StreamId, std::vector<std::uint64_t>, StreamIdHash> streams_;
};

}  // namespace syncline::channel
