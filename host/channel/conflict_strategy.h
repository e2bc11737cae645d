// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
    const json::Value* hlc = nullptr;
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
