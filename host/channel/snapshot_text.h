// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/committed_state.h"
#include "channel/directory.h"
#include "core/shared_bytes.h"

namespace syncline::channel {

/// A channel's records at one seq, written once for all who join while it does not change. All
/// frames but the last are the same for everybody and shared; the last one carries `high`, which is
/// each client's own.
struct EncodedSnapshot {
    std::string epoch;
    std::uint64_t seq = 0;
    std::vector<core::SharedBytes> frames;  ///< with "more":true
    std::string lastRecords;                ///< the records of the last chunk, as JSON text

    std::size_t bytes() const;
};

/// Everything that is not deleted, in chunks of about `chunkBytesMax`.
EncodedSnapshot encodeSnapshot(std::string_view quotedChannel, const CommittedState& state,
                               std::size_t chunkBytesMax);

/// One `snapshot` message, as a JSON object. `high` is on the chunk without `more`, the one with
/// which a client swaps the whole in, and so is a `digest` that was asked for. `records`: the
/// elements of the array as JSON text.
std::string snapshotBody(std::string_view quotedChannel, const CommittedState& state,
                         std::string_view records, std::optional<std::uint64_t> high,
                         std::string_view digest = {});

/// The chunks of all records, or of those that are wanted, as elements of a JSON array; at least
/// one, possibly empty. Those with a prefix come in the order of their versions.
std::vector<std::string> recordChunks(const CommittedState& state, const Selection& wanted,
                                      std::size_t chunkBytesMax);

/// The same for what changed behind `seq`, at most the head's, what was deleted among it.
std::vector<std::string> changedChunks(const CommittedState& state, std::uint64_t seq,
                                       std::size_t chunkBytesMax);

}  // namespace syncline::channel
