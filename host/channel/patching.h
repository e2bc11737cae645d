// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "channel/effect.h"
#include "core/result.h"
#include "json/value.h"

namespace syncline::channel {

struct PatchBounds {
    std::size_t stepsMax = 1'000;
    std::size_t depthMax = 64;              ///< of the outcome
    std::size_t recordBytesMax = 1U << 20;  ///< of the outcome's text
};

/// What the places that the steps of a patch name are to it: those that it changes are written,
/// those that it tests or copies from are looked at. Written places beneath written ones are left
/// out, and so is what is looked at there. Steps that make no sense name nothing.
std::vector<Touch> touchedByPatch(const json::Value& steps, const json::Value* current);

/// What a patch makes of `current` (nullptr: no record, which the first step must add then).
/// Errors, whose detail points to the step: noRecord, badField, refusedByRule for a test that
/// fails, tooLarge. Then `failedStep` is the step's index, if it is one's fault.
core::Result<json::Value> patched(const json::Value* current, const json::Value& steps,
                                  const PatchBounds& bounds, std::size_t* failedStep = nullptr);

/// The first step that cannot be applied; the number of steps where none alone is at fault. Nothing
/// when all can.
std::optional<std::size_t> misfitStep(const json::Value* current, const json::Value& steps,
                                      const PatchBounds& bounds);

}  // namespace syncline::channel
