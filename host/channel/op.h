// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/op_kind.h"
#include "core/result.h"
#include "json/value.h"

namespace syncline::channel {

/// What an op asks for at one record.
struct Change {
    std::string key;
    OpKind kind = OpKind::none;
    Arguments arguments;
    std::string argumentsText;          ///< as members of a JSON object
    std::uint64_t hash = 0;             ///< of key, kind and arguments
    std::optional<std::uint64_t> base;  ///< absent: no test for conflicts
    json::Value hlc;                    ///< [ms, counter]; null: not given
};

/// Whose value a conflict is resolved to.
enum class Take { mine, theirs, value };

std::string_view nameOf(Take take);

/// Which conflict record an op resolves, and how. With `value` the op's change sets the record.
struct Resolution {
    std::string conflict;  ///< its id
    Take take = Take::theirs;
};

/// What a client sent under one number: one change, none (`void`), or the several of an atomic
/// batch, which stand or fall together.
struct Op {
    std::uint64_t n = 0;
    std::vector<Change> changes;
    bool isBatch = false;
    bool keyed = false;      ///< under an Idempotency-Key: the number, 1, is nobody's business
    std::uint64_t hash = 0;  ///< of all changes: the same n, the same hash
    std::optional<std::string> epoch;
    std::uint64_t after = 0;  ///< 0: depends on no other op
    std::uint64_t done = 0;
    std::int64_t bornMs = 0;  ///< 0: not given
    std::optional<Resolution> resolution;

    /// Set: its number is to be consumed by this refusal.
    std::optional<core::Error> refused;

    /// Also of one that is refused: it stands for whatever has its number.
    bool isVoid() const { return changes.empty() && !isBatch; }
    std::size_t argumentsBytes() const;
};

/// Reads a client's message. One whose number can be read is always an op, which is `refused` when
/// anything else in it is wrong, so that its number is settled. Error: badField for its number.
core::Result<Op> parseOp(json::Value message);

/// The same for a write under an Idempotency-Key, which has no number of its own.
core::Result<Op> parseKeyed(json::Value message);

/// The same for an atomic batch: the changes are its `ops`.
core::Result<Op> parseBatch(json::Value message, std::size_t changesMax);

/// The same for what resolves a conflict: its one change names the record, and its base is the
/// version that was decided upon.
core::Result<Op> parseResolution(json::Value message);

/// The same for an op, an atomic batch or a resolution that something else already refused.
core::Result<Op> parseRefused(const json::Value& message, core::Error error);
core::Result<Op> parseRefusedResolution(const json::Value& message, core::Error error);
core::Result<Op> parseRefusedBatch(const json::Value& message, core::Error error);

/// The op as members of a JSON object, without its number.
std::string asSubmittedText(const Op& op);

/// The changes back from asSubmittedText, parsed; `key` is that of a single one.
core::Result<std::vector<Change>> changesFrom(std::string_view key, json::Value submitted);

/// An error about the change at `index` of a batch: its detail points into the whole message.
core::Error withinBatch(core::Error error, std::size_t index);

}  // namespace syncline::channel
