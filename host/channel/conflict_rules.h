// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "channel/conflict_strategy.h"
#include "channel/directory_settings.h"
#include "channel/effect.h"
#include "json/pointer.h"
#include "json/value.h"

namespace syncline::channel {

/// The conflict rules that concern one channel, in their order. Owned by its sequencer.
class ConflictRules {
public:
    /// `rules` are borrowed.
    ConflictRules(std::span<const ConflictRule> rules, std::string_view channel);

    /// The strategy of the first rule that matches; nullptr: the last to arrive wins.
    ConflictStrategy* strategyFor(std::string_view key, std::string_view path) const;

    bool anyAsksAlways() const { return anyAsksAlways_; }

    /// Whether some rule is about less than whole records.
    bool anyNamesPaths() const { return anyNamesPaths_; }

    /// Adds the places beneath `path` about which another rule decides than about what is around
    /// them, as far as they change from `before` to `after` (nullptr: nothing there).
    void addNamed(std::string_view key, const json::Pointer& path, const json::Value* before,
                  const json::Value* after, std::vector<Touch>& touches) const;

private:
    const ConflictRule* ruleFor(std::string_view key, std::string_view path) const;

    std::vector<const ConflictRule*> rules_;
    bool anyAsksAlways_ = false;
    bool anyNamesPaths_ = false;
};

}  // namespace syncline::channel
