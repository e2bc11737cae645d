// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace syncline::simulation {

/// Where an op is.
enum class Phase : std::uint8_t {
    queued,      ///< in the client's outbox, without a number
    sent,        ///< has a number and is on its way, or the server has lost it
    sequenced,   ///< the server has it in memory
    committing,  ///< at the writer
    committed,   ///< durable, and the client does not know
    acked,       ///< the client knows, and has not seen its update
    live,        ///< the client has both
    count_,
};
inline constexpr std::size_t kPhases = static_cast<std::size_t>(Phase::count_);
std::string_view nameOf(Phase phase);

/// What goes wrong.
enum class Fault : std::uint8_t {
    drop,           ///< a connection ends, and what is on its way is lost from some point on
    duplicate,      ///< a client sends again what it sent already
    delay,          ///< a direction of a connection stands still for a while
    reorder,        ///< what an older connection carried arrives behind a newer one's messages
    halfOpen,       ///< one direction swallows everything, and nobody notices
    lostAck,        ///< the connection ends between the commit and its ack
    crash,          ///< the server ends without a word
    tornWrite,      ///< it ends within a commit: nothing, a part or all of it reached the disk
    diskFull,       ///< commits, checkpoints and reads fail for a while
    unknownCommit,  ///< a commit happens or not, and the disk does not say
    restore,        ///< the server ends, and an older backup takes the place of the disk
    clockJump,      ///< the server's clock is set forward or back
    clockSkew,      ///< a client's clock is
    twoTabs,        ///< a second tab speaks for the same client
    slowConsumer,   ///< a client does not read
    revocation,     ///< a user may not do anything any more, for a while
    compaction,     ///< a checkpoint is written, and the log trimmed
    wrongStrategy,  ///< a strategy fails, hangs or answers nonsense
    lostStorage,    ///< a client's storage is lost, or an older copy of it comes back
    userChange,     ///< somebody else logs in
    ageing,         ///< it is so late that the server forgets streams, and perhaps it was not
    count_,
};
inline constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::count_);
std::string_view nameOf(Fault fault);

/// Why a fault cannot meet an op in that phase; empty: it can.
std::string_view whyNever(Fault fault, Phase phase);

enum class Act : std::uint8_t {
    edit,
    batch,
    giveUp,
    ask,
    reload,
    backup,
    restart,
    resolve,    ///< a conflict that is kept; often somebody else does, too
    transport,  ///< from a connection to requests, or back
    idle,
    fault,
};

/// One line of a plan. What it does besides is decided by its own dice, thrown with `salt`.
struct Step {
    Act act = Act::idle;
    std::uint32_t client = 0;
    std::int64_t waitUs = 0;  ///< time that passes behind it
    std::uint64_t salt = 0;
    Fault fault = Fault::drop;    ///< of a fault: which, and
    Phase phase = Phase::queued;  ///< what it waits for: an op of the client in that phase
};
std::string describe(const Step& step);

struct Plan {
    std::uint64_t seed = 0;
    std::vector<Step> steps;
};

inline constexpr std::size_t kStepsMin = 300;
inline constexpr std::size_t kFaultsMin = 5;

/// The same seed, the same plan.
Plan planOf(std::uint64_t seed);

}  // namespace syncline::simulation
