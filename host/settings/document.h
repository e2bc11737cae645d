// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

#include "settings/diagnostic.h"
#include "settings/node.h"
#include "settings/source.h"

namespace syncline::settings {

inline constexpr std::size_t depthMax = 48;            ///< lists and maps inside each other
inline constexpr std::size_t aliasesMax = 64;          ///< uses of an anchor
inline constexpr std::size_t nodesMax = 100'000;       ///< with every alias written out
inline constexpr std::size_t textBytesMax = 4u << 20;  ///< of all scalars, aliases written out

/// Reads the one YAML document of a text. What yaml-cpp lets pass is reported here: duplicate
/// keys, quotes that never close, alias bombs, further documents, keys that are no text, tags.
/// Nothing if the text has no tree to go on with; then the reason is among the diagnostics.
std::optional<Node> parseDocument(const SourcePtr& source, Diagnostics& diagnostics);

}  // namespace syncline::settings
