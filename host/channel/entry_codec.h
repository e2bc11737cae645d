// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "channel/entry.h"
#include "channel/storage.h"
#include "core/result.h"

namespace syncline::channel {

/// The next link of the chain: over seq, and kind, key and arguments of the entry's effects.
std::uint64_t chainSum(const Entry& entry, std::uint64_t previousSum);

/// The same from the hash of the effects, for an op that was hashed when it was read.
std::uint64_t chainSum(std::uint64_t effectHash, std::uint64_t seq, std::uint64_t previousSum);

/// The chain before the first effect of an epoch's first history.
std::uint64_t firstSum(std::string_view epoch);

/// An entry's body, version 1, or 2 when an effect has a clock, or 3 when one has a floor or the
/// entry says `born`:
///
///     u8 version, u8 flags, from version 3 on u8 more flags, u8 outcome, fixed64 hash, text key,
///     text extra, text submitted,
///     text by, text origin
///     [epoch]   text epoch
///     [stream]  fixed64 high, fixed64 low, varint n, varint done
///     [born]    varint ms
///     [effect]  u8 kind, text arguments, varint previousVersion, text undo, fixed64 sum
///     [marks]   varint count, text path ...
///     [batch]   varint count, fixed64 sum, and each effect: text key, u8 kind, text arguments,
///               varint previousVersion, text undo, u8 1 with marks + 2 with a clock + 4 with a
///               floor, [marks], [clock], [floor]
///     [clock]   varint ms, varint counter
///     [floor]   varint
///
/// Flags say which of the bracketed parts are there, and whether the stream is the hash of an
/// Idempotency-Key.
void encodeEntry(const Entry& entry, std::string& body);

/// Error: storageUnavailable for bytes that are no entry, or one of a newer version.
core::Result<Entry> decodeEntry(const StoredEntry& stored);

}  // namespace syncline::channel
