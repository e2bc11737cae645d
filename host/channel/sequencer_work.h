// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "channel/conflict_record.h"
#include "channel/entry.h"
#include "channel/sequencer.h"

namespace syncline::channel {

/// One op on its way through the sequencer, change by change. On its stack.
struct Sequencer::Work {
    Work(ChannelState& stateOf, Op& given, const Writer& whose)
        : state(stateOf), op(given), writer(whose) {}

    ChannelState& state;
    Op& op;
    const Writer& writer;
    Entry entry;
    std::size_t effectBytes = 0;  ///< of all effects of a batch: arguments and what they overwrote
    std::vector<std::string> merged;  ///< keys of effects that differ from what was submitted

    core::Error refusal;                   ///< when the outcome is `rejected`
    std::optional<ManualConflict> manual;  ///< when it is `conflict`, and is to be kept

    // The change under way.
    Change* change = nullptr;
    const Record* record = nullptr;

    const json::Value* current() const { return record == nullptr ? nullptr : record->current(); }
    bool took() const { return tookEffect(entry.verdict.outcome); }
};

}  // namespace syncline::channel
