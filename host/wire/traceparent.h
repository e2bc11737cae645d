// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "wire/http_request.h"

namespace syncline::wire {

/// Whether this is a `traceparent` (W3C Trace Context, section 3.2): version, trace id, parent id
/// and flags in lower-case hex, neither id all zeros; a later version may have more behind them.
bool isTraceparent(std::string_view text);

/// The request's `traceparent`; empty when it has none, more than one, or one that is none.
std::string_view traceparentOf(const HttpRequest& request);

}  // namespace syncline::wire
