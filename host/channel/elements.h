// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "channel/op_kind.h"
#include "core/result.h"
#include "json/value.h"

namespace syncline::channel {

// Arrays that are changed element by element, by the kinds that isElementKind() names: sets, which
// have each value once, and lists, whose elements are objects with an `id`. In either, what is no
// such element is left alone.

/// Where a list's element is: its index, by the id as text.
std::optional<std::size_t> indexOf(const json::Value& list, std::string_view idText);

/// Whether the change can be applied to `current` (nullptr: no record). Errors: noRecord when there
/// is nothing to remove or move, badField for a path that leads to no array, tooLarge when the
/// record would be nested deeper than `depthMax`.
core::Result<void> checkElements(OpKind kind, const Arguments& arguments,
                                 const json::Value* current, std::size_t depthMax);

/// Applies a change that checkElements() allows. An array that is missing is made, with the objects
/// on the way, by what adds to it. An element behind one that is not there comes last.
void applyElements(OpKind kind, Arguments arguments, json::Value& root);

/// What one change does to its array: what is at `erased` goes, and then `inserted` is filled.
struct ElementStep {
    std::optional<std::size_t> erased;
    std::optional<std::size_t> inserted;
};

/// What applyElements() would do to an array that is there.
ElementStep stepOf(OpKind kind, const Arguments& arguments, const json::Value& array);

}  // namespace syncline::channel
