// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <syncline/plugin.hpp>
#include <vector>

namespace syncline::acl {

/// The places in its record that an op writes to, as JSON pointers; "" is the whole record. An op
/// that is malformed, of an unknown kind, or that names more than `pathsMax` places, counts as one
/// that writes the whole record: who may do that may do anything. A `void` writes nothing.
std::vector<std::string> touchedPaths(const Value& op, std::size_t pathsMax);

}  // namespace syncline::acl
