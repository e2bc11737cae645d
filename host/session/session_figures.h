// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "channel/catch_up_mode.h"
#include "channel/slow_consumer.h"
#include "core/error.h"
#include "observe/number.h"

namespace syncline::session {

/// What the sessions of one shard have counted. Owned by the shard's context; written on its shard,
/// read by anybody.
class SessionFigures {
public:
    using Number = observe::Number;

    static constexpr std::array<std::string_view, 5> kTransports = {"ws", "sse", "post", "rest",
                                                                    "other"};

    /// Close codes that are told apart; the last stands for all others.
    static constexpr std::array<std::uint16_t, 20> kCloseCodes = {
        1000, 1001, 1002, 1003, 1006, 1007, 1008, 1009, 1011, 1012,
        4001, 4002, 4003, 4004, 4501, 4502, 4503, 4504, 1013, 0};

    static constexpr std::uint16_t kErrorFirst = 1'000;
    static constexpr std::size_t kErrors = 600;
    static constexpr std::size_t kModes = static_cast<std::size_t>(channel::CatchUpMode::count_);
    static constexpr std::size_t kSlowConsumers = 3;

    /// By transport.
    struct Sessions {
        Number open;
        Number began;
        std::array<Number, kCloseCodes.size()> ended;  ///< by close code
    };

    /// `name` as the transport calls itself, a word such as "ws".
    Sessions& of(std::string_view name) {
        std::size_t at = 0;
        while (at + 1 < kTransports.size() && kTransports[at] != name) ++at;
        return sessions[at];
    }

    static std::size_t placeOf(std::uint16_t closeCode) {
        std::size_t at = 0;
        while (at + 1 < kCloseCodes.size() && kCloseCodes[at] != closeCode) ++at;
        return at;
    }

    void countError(core::Code code) {
        const auto at = static_cast<std::size_t>(static_cast<std::uint16_t>(code) - kErrorFirst);
        if (at < kErrors) errors[at].add(1);
    }

    std::array<Sessions, kTransports.size()> sessions;
    std::array<Number, kErrors> errors;  ///< told by sessions, by code - kErrorFirst
    Number unknownTypes;                 ///< messages of a type that nothing handles
    Number malformed;                    ///< frames that are no messages
    Number pauses;         ///< times that reading a connection was stopped for a while
    Number subscriptions;  ///< open now
    Number subscribed;
    std::array<Number, kModes> recoveries;    ///< of those who had a cursor
    std::array<Number, kSlowConsumers> slow;  ///< by channel::SlowConsumer
};

}  // namespace syncline::session
