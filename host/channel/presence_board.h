// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "broadcast/subscriber.h"
#include "channel/committed_state.h"
#include "channel/directory.h"
#include "channel/presence_table.h"
#include "core/result.h"
#include "core/shard.h"
#include "core/timer_wheel.h"

namespace syncline::channel {

/// Who is present in the channels of one home: keeps the limits, waits for those who lost their
/// connection, and has everybody told. Nothing of it is stored. Owned by its home. [its shard]
class PresenceBoard {
public:
    struct Limits {
        std::size_t membersMax = 0;  ///< of one channel
        std::size_t stateBytesMax = 0;
        std::size_t bytesMax = 0;  ///< of all members here
        std::int64_t graceMs = 0;
        std::size_t messageBytesMax = 0;  ///< of one message with members, about
    };
    /// Takes a signal to the live subscribers of the channel.
    using Tell = core::UniqueFunction<void(const std::string& channel, broadcast::Signal signal)>;

    PresenceBoard(core::Shard& shard, Limits limits, Tell tell);
    ~PresenceBoard();
    PresenceBoard(const PresenceBoard&) = delete;
    PresenceBoard& operator=(const PresenceBoard&) = delete;

    core::Result<void> change(const std::string& channel, PresenceChange change);

    /// The bodies of one or more messages with who is there, the last with "more":false.
    std::vector<std::string> members(const std::string& channel, bool byUser) const;

    std::size_t bytes() const { return bytes_; }

private:
    struct Departure {
        std::int64_t atMs = 0;  ///< when the member leaves
        std::string channel;
        std::string user;
        std::string origin;
    };
    using Tables = std::unordered_map<std::string, PresenceTable, TextHash, std::equal_to<>>;

    core::Result<void> enter(const std::string& channel, PresenceChange change);
    void cancelDeparture(const PresenceTable& table, const Author& author);
    void depart(PresenceTable& table, const std::string& channel, const PresenceChange& change);
    void settle(const std::string& channel, std::size_t bytesBefore, const PresenceEvent& event,
                broadcast::Signal::Sender sender);
    void watchDepartures();
    void expire();

    core::Shard& shard_;
    const Limits limits_;
    Tell tell_;
    Tables tables_;  ///< of channels with members
    std::size_t bytes_ = 0;
    /// By number, and so in the order of their times: all wait equally long. At most one a member.
    std::map<std::uint64_t, Departure> departures_;
    std::uint64_t lastDeparture_ = 0;
    core::TimerWheel::Id timer_;
    bool timerRuns_ = false;
};

}  // namespace syncline::channel
