// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "settings/reader.h"
#include "settings/settings.h"

namespace syncline::settings {

/// Follows what `otherwise` names under each conflict rule: a strategy that is named there has the
/// defaults of its schema, which may name a further one. A row of them that runs in a circle, is
/// too long or comes to one that cannot do without a configuration is reported. [setup]
void checkOtherwiseChains(const Settings& settings, Reader& reader);

}  // namespace syncline::settings
