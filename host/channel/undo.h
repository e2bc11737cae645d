// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/op_kind.h"
#include "json/value.h"

namespace syncline::channel {

/// What an op is about to overwrite in `current` (nullptr: no record), as bytes: the values at the
/// places that it changes, so that the record before it can be rebuilt from the one after it.
std::string undoOf(OpKind kind, const Arguments& arguments, const json::Value* current);

/// What one of the places held. Borrows from the undo.
struct UndoStep {
    std::string_view path;  ///< RFC 6901; of the list, if it is about an element
    std::string_view text;  ///< JSON; empty: there was nothing
    /// The text is [index of what goes or null, index where what was erased comes back or null,
    /// what that was].
    bool isElement = false;
};

/// The places in the order in which they are put back.
std::vector<UndoStep> undoSteps(std::string_view undo);

/// Takes an op back. `value` is absent when there is no record. False for bytes that are no undo.
bool applyUndo(std::string_view undo, std::optional<json::Value>& value);

}  // namespace syncline::channel
