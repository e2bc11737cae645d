// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "channel/stream_id.h"
#include "json/value.h"
#include "simulation/plan.h"

namespace syncline::simulation {

/// One op as its author made it.
struct Deed {
    std::uint64_t id = 0;
    std::size_t client = 0;
    std::string channel;
    json::Value changes;  ///< an array of {key, kind, …, base?}
    std::uint64_t after = 0;
    Phase phase = Phase::queued;
    bool settled = false;    ///< its author has its verdict, or has it up for review
    bool forgotten = false;  ///< its author's storage was lost, and with it the op
    bool rebased = false;    ///< its base changed with the history: either may have arrived
    bool voided = false;     ///< given up: its number may be consumed by `void`
};

/// All ops of a run, and under which number of which stream each was sent. Of a stream whose
/// client's storage went back in time, a number may stand for several.
class Ledger {
public:
    Deed& add(std::size_t client, std::string channel, json::Value changes);

    void bind(const std::string& channel, channel::StreamId stream, std::uint64_t n,
              std::uint64_t deed, std::uint64_t after);

    /// What was sent under a number; empty: nothing.
    std::vector<Deed*> under(const std::string& channel, channel::StreamId stream, std::uint64_t n);

    void move(Deed& deed, Phase phase);
    std::size_t count(std::size_t client, Phase phase) const {
        return counts_[client][static_cast<std::size_t>(phase)];
    }
    std::deque<Deed>& all() { return deeds_; }
    Deed& of(std::uint64_t id) { return deeds_[id - 1]; }

private:
    struct Name {
        std::string channel;
        std::uint64_t high;
        std::uint64_t low;
        std::uint64_t n;
        auto operator<=>(const Name&) const = default;
    };
    std::deque<Deed> deeds_;
    std::map<Name, std::vector<std::uint64_t>> sent_;
    std::array<std::array<std::size_t, kPhases>, 64> counts_{};
};

}  // namespace syncline::simulation
