// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "channel/conflict_strategy.h"
#include "channel/directory_settings.h"

namespace syncline::channel {

/// The conflict rules that concern one channel, in their order. Owned by its sequencer.
class ConflictRules {
public:
    /// `rules` are borrowed.
    ConflictRules(std::span<const ConflictRule> rules, std::string_view channel);

    /// The strategy of the first rule that matches; nullptr: the last to arrive wins.
    ConflictStrategy* strategyFor(std::string_view key, std::string_view path) const;

    bool anyAsksAlways() const { return anyAsksAlways_; }

private:
    std::vector<const ConflictRule*> rules_;
    bool anyAsksAlways_ = false;
};

}  // namespace syncline::channel
