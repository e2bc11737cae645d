// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "channel/op_kind.h"
#include "json/value.h"

namespace syncline::channel {

/// What an op is about to overwrite in `current` (nullptr: no record), as bytes: the values at the
/// places that it changes, so that the record before it can be rebuilt from the one after it.
std::string undoOf(OpKind kind, const Arguments& arguments, const json::Value* current);

/// Takes an op back. `value` is absent when there is no record. False for bytes that are no undo.
bool applyUndo(std::string_view undo, std::optional<json::Value>& value);

}  // namespace syncline::channel
