// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <syncline/plugin.hpp>

#include "merge.h"

namespace syncline::merging {

/// Writes what the sides of one path come to, for sides that come to Merged::within; the strategy
/// under `otherwise` is asked about each place that both changed. False: it let one stop the op,
/// and the path has its verdict.
bool writeSettled(const Merge& merge, const Path& path, std::size_t index, Verdicts& verdicts,
                  Builder& out);

}  // namespace syncline::merging
