// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "channel/entry.h"
#include "channel/storage.h"
#include "simulation/clock.h"
#include "simulation/coverage.h"
#include "simulation/expectations.h"
#include "simulation/ledger.h"
#include "simulation/replica.h"

namespace syncline::simulation {

/// What is durable, as somebody reads it who looks over the disk's shoulder: every entry of every
/// channel from the first one on, whatever the server trims. What the server says is held against
/// this; what it writes is held against what the clients sent.
class Truth {
public:
    using Met = std::function<void(Ending ending)>;
    using Violated = std::function<void(const std::string& what)>;

    /// `exact`: the server forgets no stamps. Streams it forgets at `streamAgeMsMax`, by a clock
    /// that jumps.
    Truth(Ledger& ledger, bool exact, const VirtualClock& clock, std::int64_t streamAgeMsMax,
          Met met, Violated violated)
        : ledger_(ledger),
          exact_(exact),
          clock_(clock),
          streamAgeMsMax_(streamAgeMsMax),
          met_(std::move(met)),
          violated_(std::move(violated)) {}

    void land(const std::string& channel, const channel::StoredEntry& stored);

    /// A backup has only the first of them.
    void goBack(const std::map<std::string, std::uint64_t>& lastIndexes);

    /// The server is about to tell somebody: is it so?
    void checkVerdict(const channel::StreamId& stream, const json::Value& message);
    void checkUpdate(const std::string& channel, const json::Value& update);

    std::uint64_t headOf(const std::string& channel) const;
    /// Of all records as of a seq.
    std::uint64_t digestAt(const std::string& channel, std::uint64_t seq) const;
    const Replica* stateOf(const std::string& channel) const;
    std::uint64_t highOf(const std::string& channel, const channel::StreamId& stream) const;
    std::size_t landed() const { return landed_; }
    /// Whether the server may have forgotten a stream for its age.
    bool forgets(const std::string& channel, const channel::StreamId& stream) {
        return mayBeForgotten(histories_[channel], stream.toHex());
    }
    /// Conflicts that are open and should have expired by then.
    std::vector<std::string> overdue(std::int64_t wallMs) const;

private:
    struct Landed {
        channel::Entry entry;
        channel::StoredEntry stored;
        std::uint64_t deed = 0;  ///< that it is; 0: that of no client
    };
    struct History {
        std::vector<Landed> entries;
        std::vector<std::uint64_t> digests = {0};  ///< by seq
        std::vector<std::uint64_t> texts = {0};    ///< by seq: the hash of the update, if told
        std::map<std::string, std::map<std::uint64_t, std::size_t>> streams;  ///< n -> its entry
        std::set<std::uint64_t> applied;  ///< deeds that took effect
        Replica state;
        Expectations expectations;
    };

    void take(const std::string& channel, History& history, channel::Entry entry);
    void checkNumber(const std::string& channel, History& history, const channel::Entry& entry);
    /// Answers the id of the op that it is.
    std::uint64_t checkContent(const std::string& channel, History& history,
                               const channel::Entry& entry);
    void checkConflict(const std::string& channel, const History& history,
                       const channel::Entry& entry, std::uint64_t deed);
    /// Whether a stream may be forgotten for its age.
    bool mayBeForgotten(const History& history, const std::string& stream) const;
    void checkForgotten(const std::string& channel, const channel::StreamId& stream);
    bool matches(const channel::Entry& entry, const Deed& deed) const;

    Ledger& ledger_;
    const bool exact_;
    const VirtualClock& clock_;
    const std::int64_t streamAgeMsMax_;
    const Met met_;
    const Violated violated_;
    std::map<std::string, History> histories_;
    std::size_t landed_ = 0;
};

}  // namespace syncline::simulation
