// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/error.h"
#include "json/value.h"

namespace syncline::wire {

/// Appends `{"type":"error","re":…,"code":…,"reason":…,"retry":…,"retryAfterMs"?,"detail"?}`.
/// `re` is left out when `id` is null; `channel` when empty.
void appendError(std::string& out, const json::Value& id, const core::Error& error,
                 std::string_view channel = {});

/// Appends `{"type":"…"` and `,"re":…` unless `id` is null: the caller adds fields and the brace.
void appendReplyHead(std::string& out, std::string_view type, const json::Value& id);

}  // namespace syncline::wire
