// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "settings/node.h"
#include "settings/reader.h"
#include "settings/settings.h"

namespace syncline::settings {

/// Checks what no section can check alone: names that other sections define, addresses bound
/// twice, rules that are never reached, providers that let anyone in, settings that exclude each
/// other. Fills in what follows from the rest (the storage of a channel where there is but one).
void checkReferences(Settings& settings, const Node& root, Reader& reader);

}  // namespace syncline::settings
