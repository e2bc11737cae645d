// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/catch_up_mode.h"
#include "channel/committed_state.h"
#include "channel/directory.h"
#include "channel/snapshot_text.h"

namespace syncline::channel {

struct CatchUpPlan {
    CatchUpMode mode = CatchUpMode::snapshot;
    bool inMemory = true;  ///< of a tail: whether it begins in the log in memory
};

/// What a cursor needs. `historyOpsMax`: how far back the log is promised to reach.
CatchUpPlan planCatchUp(const CommittedState& state, const std::optional<Cursor>& cursor,
                        std::uint64_t historyOpsMax);

/// The body of `subscribed`.
std::string subscribedBody(std::string_view quotedChannel, const CommittedState& state,
                           CatchUpMode mode, std::uint64_t high);

/// One effect of the log as it is sent.
struct LogPiece {
    std::uint64_t seq = 0;
    std::uint64_t sum = 0;
    std::string_view update;
};

/// Packs updates into `updates` frames, as many as there is room for but at least one. Used once.
class TailFrames {
public:
    TailFrames(std::string_view quotedChannel, std::string_view epoch, std::size_t frameBytesMax,
               std::size_t roomBytes)
        : quotedChannel_(quotedChannel),
          epoch_(epoch),
          frameBytesMax_(frameBytesMax),
          roomBytes_(roomBytes) {}

    /// False, and nothing is added, when there is no room.
    bool add(const LogPiece& piece);

    /// Puts what was added into `catchUp`, and where the client stands after it. `more`: it lacks
    /// still more.
    void finish(bool more, CatchUp& catchUp);

private:
    void closeFrame(bool more);

    const std::string_view quotedChannel_;
    const std::string_view epoch_;
    const std::size_t frameBytesMax_;
    const std::size_t roomBytes_;
    std::string updates_;  // of the open frame
    std::size_t bytes_ = 0;
    std::vector<core::SharedBytes> frames_;
    std::optional<LogPiece> last_;
};

/// The tail from memory. Live when it reaches the head; then the frame `live` is at the end.
void fillTail(std::string_view quotedChannel, const CommittedState& state, const Cursor& cursor,
              std::size_t frameBytesMax, std::size_t roomBytes, CatchUp& catchUp);

/// Whether what changed since the cursor is known record by record.
bool canConflate(const CommittedState& state, const std::optional<Cursor>& cursor);

/// What the records that changed since the cursor now are, as `records`. Live when it fits into the
/// room.
void fillRecords(std::string_view quotedChannel, const CommittedState& state, const Cursor& cursor,
                 std::size_t frameBytesMax, std::size_t roomBytes, CatchUp& catchUp);

/// The whole snapshot. Live when it fits into the room.
void fillSnapshot(std::string_view quotedChannel, const CommittedState& state,
                  const EncodedSnapshot& snapshot, std::uint64_t high, std::size_t roomBytes,
                  CatchUp& catchUp);

}  // namespace syncline::channel
