// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "channel/channel_state.h"
#include "channel/conflict_rules.h"
#include "channel/conflict_strategy.h"
#include "channel/op.h"
#include "channel/patching.h"
#include "channel/record.h"
#include "core/result.h"

namespace syncline::channel {

/// A change, and what it meets. Everything is borrowed.
struct Dispute {
    std::string_view channel;
    const Change& op;
    const PatchBounds& bounds;
    const ChannelState& state;
    const Record* record = nullptr;  ///< nullptr: there never was one
    std::span<const Touch> touches;
    std::span<const PathStamps::Hit> hits;  ///< one per touch; seq 0: no conflict
    std::string_view by;
    std::string_view theirBy;
    StreamId stream;
    std::int64_t nowMs = 0;
};

/// The record at the op's base, rebuilt when somebody first asks for it.
class BaseValue {
public:
    explicit BaseValue(const Dispute& dispute) : dispute_(dispute) {}

    bool known();
    const json::Value* value();  ///< nullptr: unknown, or there was no record

private:
    void rebuild();

    const Dispute& dispute_;
    bool asked_ = false;
    bool known_ = false;
    std::optional<json::Value> value_;
};

/// A record with that value; nullptr: none.
Record recordOf(const json::Value* value);

/// Applies one change to a record's value. False, and nothing changed, when it does not fit.
bool applyAlone(const Change& op, const PatchBounds& bounds, Record& record);

/// The record as the op alone would make it: of its base if that is known and the op fits it, else
/// of what is there. Made when somebody first asks for it.
class MineValue {
public:
    MineValue(const Dispute& dispute, BaseValue& base) : dispute_(dispute), base_(base) {}

    bool fits();                 ///< false: it fits neither, and the value is without it
    const json::Value* value();  ///< nullptr: no record
    const json::Value* at(const Touch& touch) { return valueAt(value(), touch); }

private:
    void make();

    const Dispute& dispute_;
    BaseValue& base_;
    bool made_ = false;
    bool fits_ = false;
    Record record_;
};

/// What the strategies make of an op.
struct Ruling {
    enum class Kind {
        plain,    ///< the op as it is
        changed,  ///< path by path, as `verdicts` say: take, keep or put
        refuse,
        conflict,
    };
    Kind kind = Kind::plain;
    std::vector<PathVerdict> verdicts;  ///< one per touch
    std::vector<std::string> paths;     ///< of a refusal or conflict: which ones
    std::optional<Hlc> clock;           ///< what the op is stamped with
    std::string reason;                 ///< of a refusal, if the strategy says why
    std::optional<json::Value> detail;  ///< the same
    json::Value kept;  ///< of a conflict that is to be kept: what the strategy says of that
};

/// Asks the strategies of the rules. An error is a strategy's failure.
core::Result<Ruling> ruleOn(const Dispute& dispute, const ConflictRules& rules, BaseValue& base,
                            MineValue& mine);

}  // namespace syncline::channel
