// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "channel/conflict_ruling.h"
#include "channel/op_kind.h"
#include "json/value.h"

namespace syncline::channel {

/// What is applied to the record: the op itself, or what the verdicts made of it.
struct EffectiveChange {
    OpKind kind = OpKind::set;
    Arguments arguments;
    std::string text;                               ///< the arguments as members of a JSON object
    std::optional<std::vector<std::string>> marks;  ///< see Effect::marks
    std::optional<Hlc> clock;                       ///< see Effect::clock
    bool asSubmitted = false;                       ///< the op itself
    std::optional<json::Value> outcome;             ///< of a patch, once it was applied
    std::size_t bytesMax = 0;                       ///< the record's text is at most this long then
};

/// Builds the change that has every path as its verdict says: a smaller op of the same kind where
/// that can be said with one, else a `set` of the whole outcome that marks just the changed paths.
/// Where all stands as it was, a change that leaves the record as it is. Nothing when no record can
/// have all: a value that is kept beneath one that is replaced by something without members.
std::optional<EffectiveChange> changeOf(const Dispute& dispute, MineValue& mine,
                                        std::vector<PathVerdict> verdicts);

}  // namespace syncline::channel
