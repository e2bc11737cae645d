// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "settings/catalog.h"

namespace syncline::settings {

/// docs/configuration.md: every section with its keys, every component of the catalog with its
/// own, every code, from the tables that check the file.
std::string configurationReference(const Catalog& catalog);

/// config/syncline.schema.json: the same for editors, as JSON Schema (draft 7).
std::string editorSchema(const Catalog& catalog);

}  // namespace syncline::settings
