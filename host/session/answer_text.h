// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace syncline::session {

/// Appends {"type":type,"re":id,…members of body}. `body` may be null or an object whose `type` and
/// `re`, if any, are left out.
void appendAnswer(std::string& out, std::string_view type, const json::Value& id,
                  const json::Value* body);

/// Puts `"re":id` into a JSON object text that has members; nothing when `id` is null.
void spliceId(std::string& body, const json::Value& id);

/// Whether the text is a plain acknowledgement, which nobody gets who did not ask with an id.
bool isPlainAck(std::string_view body);

/// `acks` messages with these results; several when they are longer than `bytesMax`, all but the
/// last with "more":true.
std::vector<std::string> acksTexts(const json::Value& id, std::string_view channel,
                                   std::span<const std::string> results, std::size_t bytesMax);

/// Puts `"n":number,"settled":false` into an error's text.
void appendUnsettled(std::string& text, const json::Value& number);

}  // namespace syncline::session
