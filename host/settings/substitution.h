// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "settings/diagnostic.h"
#include "settings/environment.h"
#include "settings/node.h"

namespace syncline::settings {

/// Replaces in every text of the tree (never in a key):
///
///     ${NAME}            the variable, which must be set
///     ${NAME:-default}   the variable, or the default if it is not set or empty
///     ${NAME:?message}   the variable, or this message if it is not set or empty
///     $${                a plain ${
///     !secret NAME       the variable, shown nowhere from here on
///
/// It works on the parsed tree: whatever a variable holds, it stays inside its text.
void substitute(Node& root, const Environment& environment, Diagnostics& diagnostics);

}  // namespace syncline::settings
