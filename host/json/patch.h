// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/result.h"
#include "json/value.h"

namespace syncline::json {

/// What one patch may come to: a few hundred bytes of "copy" can double a value many times.
struct PatchLimits {
    std::size_t bytesMax = 1024 * 1024;           ///< Value::bytes() of the outcome
    std::size_t workBytesMax = 16 * 1024 * 1024;  ///< copied and shifted by all steps together
    std::size_t depthMax = 64;                    ///< of the outcome
};

/// JSON Patch (RFC 6902): all steps or none; when it fails, `target` is what it was.
///
/// Errors, whose reason names the step, as does `failedStep` if it is there: badField for one that
/// is malformed or whose place is not there, refusedByRule for a "test" that fails, tooLarge beyond
/// a limit.
core::Result<void> applyPatch(Value& target, const Value& patch, const PatchLimits& limits = {},
                              std::size_t* failedStep = nullptr);

}  // namespace syncline::json
