// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "settings/diagnostic.h"
#include "settings/node.h"
#include "settings/source.h"

namespace syncline::settings {

/// Reads a JSON text into nodes with the same positions as those of YAML. Nothing, with the reason
/// reported, if it is no JSON, has a key twice or is nested too deep.
std::optional<Node> parseJsonDocument(const SourcePtr& source, Diagnostics& diagnostics);

}  // namespace syncline::settings
