// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/op.h"
#include "channel/record.h"
#include "json/value.h"

namespace syncline::channel {

/// A conflict that a strategy wants to be kept until somebody resolves it.
struct ManualConflict {
    std::string key;
    std::vector<std::string> paths;
    bool baseKnown = false;
    json::Value base;  ///< null: no record, when it is known
    json::Value mine;  ///< the record as the op alone would have made it; null: none
    std::string mineBy;
    std::string theirBy;
    std::string origin;    ///< the public tag of the client whose op it is; empty: it has none
    json::Value strategy;  ///< what the strategy says: {"expireMs"?,"then"?}
};

/// Its record: {key, paths, base?, mine, theirs, version, authors, at, n?, origin?, op, expires?}.
/// `theirs` is the record that stands, nullptr when there never was one.
json::Value conflictValue(const ManualConflict& conflict, const Record* theirs, const Op& op,
                          std::int64_t nowMs);

/// When a conflict resolves itself, and how.
struct ConflictExpiry {
    std::int64_t atMs = 0;  ///< Unix time
    Take take = Take::theirs;
};

/// What its record says about that; nothing: it stays until somebody resolves it.
std::optional<ConflictExpiry> expiryOf(const json::Value& conflict);

/// The key that the conflict is about; empty for what is no conflict record.
std::string_view disputedKey(const json::Value& conflict);

/// The changes of the op that was not applied. Errors are those of a damaged record.
core::Result<std::vector<Change>> disputedChanges(const json::Value& conflict);

}  // namespace syncline::channel
