// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace syncline::session {

/// The public tag of a client: 16 hex digits of the SHA-256 of its secret id, which cannot be found
/// back from it.
std::string originOf(std::string_view client);

}  // namespace syncline::session
