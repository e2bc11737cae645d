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
};

/// Builds the change that has every path as its verdict says: a smaller op of the same kind where
/// that can be said with one, else a `set` of the whole outcome that marks just the changed paths.
/// Where all stands as it was, a change that leaves the record as it is.
EffectiveChange changeOf(const Op& op, const json::Value* current, std::span<const Touch> touches,
                         std::vector<PathVerdict> verdicts);

}  // namespace syncline::channel
