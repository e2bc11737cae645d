// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "simulation/world.h"

namespace syncline::simulation {

/// The shortest plan it finds, within `runsMax` runs, that fails in the same way (the promise that
/// is named first): steps are cut out in runs that halve.
Plan shrink(Installation& installation, Plan plan, const std::string& violation,
            std::size_t runsMax);

}  // namespace syncline::simulation
