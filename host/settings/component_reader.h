// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "settings/component_use.h"
#include "settings/node.h"
#include "settings/reader.h"
#include "settings/table.h"

namespace syncline::settings {

/// "stage", "auth provider", "storage", …: how messages call a kind.
std::string kindWord(std::string_view kind);

/// Reads `use` and `with` of a map: finds the component of that kind in the catalog and checks its
/// configuration against its schema. Nothing, or a use with an incomplete configuration, means that
/// a reason is reported; that `use` is there at all is the business of the section's table.
std::optional<ComponentUse> readComponent(const Node& map, std::string_view kind, Reader& reader);

/// The component that a text names ("name" or "plugin-id/name"); null with the reason reported.
const ComponentInfo* findComponent(const std::string& named, const Position& position,
                                   std::string_view kind, Reader& reader);

/// The descriptions of `use` and `with`, for the tables of sections that have them.
KeyDoc useDoc();
KeyDoc withDoc();

}  // namespace syncline::settings
