// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "channel/committed_state.h"

namespace syncline::channel {

/// What two that hold the same records agree on, in 64 hex digits: SHA-256 of the RFC 8785 text of
/// {"<key>":[version,value],…} over all records that are not deleted. It depends on nothing else.
std::string digestOf(const CommittedState& state);

}  // namespace syncline::channel
