// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "channel/author.h"
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

/// Whether the text is an error.
bool isError(std::string_view body);

/// {"type":type,"channel"?,"user","origin",…members of body}: a signal as its receivers get it.
/// `channel` is left out when empty; `body` may be null or an object whose members of these names,
/// and `re`, are left out.
std::string signalText(std::string_view type, std::string_view channel,
                       const channel::Author& author, const json::Value* body);

/// `acks` messages with these results; several when they are longer than `bytesMax`, all but the
/// last with "more":true.
std::vector<std::string> acksTexts(const json::Value& id, std::string_view channel,
                                   std::span<const std::string> results, std::size_t bytesMax);

/// Puts `"n":number,"settled":false` into an error's text.
void appendUnsettled(std::string& text, const json::Value& number);

}  // namespace syncline::session
