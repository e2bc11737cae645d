// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "channel/op_kind.h"
#include "core/result.h"
#include "json/value.h"

namespace syncline::channel {

/// One change as a client asked for it.
struct Op {
    std::uint64_t n = 0;
    bool keyed = false;  ///< under an Idempotency-Key: the number, 1, is nobody's business
    std::string key;     ///< empty for OpKind::none
    OpKind kind = OpKind::none;
    Arguments arguments;
    std::string argumentsText;          ///< as members of a JSON object
    std::uint64_t hash = 0;             ///< of key, kind and arguments: the same n, the same hash
    std::optional<std::uint64_t> base;  ///< absent: no test for conflicts
    std::optional<std::string> epoch;
    std::uint64_t after = 0;  ///< 0: depends on no other op
    std::uint64_t done = 0;
    std::int64_t bornMs = 0;  ///< 0: not given
    json::Value hlc;          ///< null: not given

    /// Set: its number is to be consumed by this refusal.
    std::optional<core::Error> refused;
};

/// Reads a client's message. One whose number can be read is always an op, which is `refused` when
/// anything else in it is wrong, so that its number is settled. Error: badField for its number.
core::Result<Op> parseOp(json::Value message);

/// The same for a write under an Idempotency-Key, which has no number of its own.
core::Result<Op> parseKeyed(json::Value message);

/// The same for a message that something else already refused.
core::Result<Op> parseRefused(const json::Value& message, core::Error error);

}  // namespace syncline::channel
