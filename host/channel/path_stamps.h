// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "channel/hlc.h"
#include "channel/stream_id.h"

namespace syncline::channel {

/// Ops of one class commute, unless the class is `write`, or they change the same element of a
/// list. Stored: never renumber.
enum class StampClass : std::uint8_t {
    write = 0,        ///< set, merge, patch, delete
    count = 1,        ///< increment
    setElement = 2,   ///< add, remove: at the path of the set
    listElement = 3,  ///< insert, move, erase: at the path of the list and the element's id
};

/// Who last changed which path of one record, and when: what an op's base is tested against. A part
/// of its record. Paths are RFC 6901 texts, "" is the whole record.
class PathStamps {
public:
    struct Stamp {
        std::string path;
        StampClass stampClass = StampClass::write;
        std::uint64_t seq = 0;
        StreamId stream;
        /// Where ops commute, several streams stand in one stamp: the newest of any other stream.
        std::uint64_t otherSeq = 0;
        /// By the clock of its author, where a strategy goes by it.
        std::optional<Hlc> clock = std::nullopt;
    };

    /// What an op meets. seq 0: nothing.
    struct Hit {
        std::uint64_t seq = 0;
        StreamId stream;
    };

    /// The newest stamp that conflicts with an op of `stream` that was made at `base`: one of
    /// another stream, behind the base, on an equal, ancestor or descendant path; in the same class
    /// only if that is one whose ops do not commute there.
    /// Stamps at and beneath `except` are not looked at.
    Hit conflict(std::string_view path, StampClass stampClass, const StreamId& stream,
                 std::uint64_t base, std::span<const std::string> except = {}) const;

    /// Notes a change. A write drops the stamps at and beneath its path. More than `stampsMax`
    /// collapse into their parents, with a stream that counts as another for everybody. A write
    /// with a clock leaves the stamps beneath it that are later by it, and by stream when the
    /// clocks agree.
    void mark(std::string_view path, StampClass stampClass, std::uint64_t seq,
              const StreamId& stream, std::size_t stampsMax,
              const std::optional<Hlc>& clock = std::nullopt);

    const std::vector<Stamp>& all() const { return stamps_; }

    /// For what comes back from a checkpoint: in the order of all().
    void restore(Stamp stamp) { stamps_.push_back(std::move(stamp)); }

private:
    using Position = std::vector<Stamp>::const_iterator;

    Position firstFrom(std::string_view path) const;
    void markWrite(Stamp stamp);
    void markCommuting(Stamp stamp);
    bool collapseDeepest();  ///< false when all stand at the top

    std::vector<Stamp> stamps_;  // by path, then class
};

}  // namespace syncline::channel
