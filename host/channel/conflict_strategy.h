// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "channel/hlc.h"
#include "core/result.h"
#include "json/value.h"

namespace syncline::channel {

/// One path that an incoming op touches. Null pointers: absent.
struct TouchedPath {
    std::string_view path;  ///< RFC 6901; "" is the record
    const json::Value* base = nullptr;
    const json::Value* current = nullptr;
    const json::Value* incoming = nullptr;  ///< after the op alone; null: the op removes it
    std::uint64_t stampSeq = 0;             ///< when another stream last changed it
    bool conflicts = false;                 ///< another stream changed it since the base
};

/// A stamp of the record that a strategy gave a clock.
struct SeenClock {
    std::string_view path;
    Hlc clock;
    int author = 0;         ///< its client sorts before (-1) or behind (1) the op's, or is it (0)
    bool commutes = false;  ///< left by an op of a kind that commutes with this one
};

/// What a strategy is asked. Everything is borrowed for the call.
struct ConflictQuestion {
    std::string_view channel;
    std::string_view key;
    std::string_view kind;
    bool baseKnown = false;
    const json::Value* base = nullptr;
    const json::Value* current = nullptr;
    const json::Value* incoming = nullptr;  ///< the op's argument; null for a delete
    std::span<const TouchedPath> paths;
    std::string_view by;
    std::string_view theirBy;
    std::int64_t nowMs = 0;
    const json::Value* hlc = nullptr;  ///< [ms, counter]
    std::optional<std::uint64_t> baseSeq = std::nullopt;
    std::uint64_t version = 0;  ///< of the record; 0: there never was one
    /// Of a patch, which step does not apply to `current`; the number of steps when no single one
    /// is to blame. For strategies that are always asked.
    std::optional<std::size_t> misfitStep = std::nullopt;
    std::span<const SeenClock> clocks = {};  ///< in the order of their paths
};

enum class Verdict {
    keep,      ///< the server's value stands at this path
    take,      ///< the incoming value stands at this path
    put,       ///< another value stands at this path
    refuse,    ///< the whole op is refused by a rule (1212)
    conflict,  ///< the whole op is a conflict; the server's value stands
};

struct PathVerdict {
    Verdict verdict = Verdict::conflict;
    /// For put. For conflict: an object {"expireMs"?,"then"?} when it is to be kept as a record
    /// until somebody resolves it, or its time is over.
    std::optional<json::Value> value = std::nullopt;
    /// For refuse and conflict: the places beneath the path that it is about; empty: the path.
    std::vector<std::string> places = {};
    /// With take, for what goes into a list or moves in it: the id that it stands behind; null: the
    /// front.
    std::optional<json::Value> behind = std::nullopt;
    /// With take: a record that was deleted comes back as the op alone would have made it.
    bool revives = false;
    std::optional<Hlc> clock = std::nullopt;  ///< the op counts as made then: it is stamped with it
    std::string reason = {};                  ///< with refuse: why; empty: the rule
    std::optional<json::Value> detail = std::nullopt;  ///< with refuse: an object for the error
};

/// Decides what concurrent changes of the same paths come to. A pure, deterministic function; runs
/// while sequencing, before the commit. Implemented by the bridge. [home shard of the channel]
class ConflictStrategy {
public:
    virtual ~ConflictStrategy() = default;

    /// True: asked for every op, with all its paths; false: only about paths that conflict.
    virtual bool asksAlways() const = 0;

    /// One verdict per path of the question, in their order.
    virtual core::Result<std::vector<PathVerdict>> decide(const ConflictQuestion& question) = 0;
};

}  // namespace syncline::channel
