// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "json/pointer.h"
#include "json/value.h"

namespace syncline::json {

/// JSON Merge Patch (RFC 7396): members of `patch` replace, null removes, anything but an object
/// replaces the whole.
void mergePatch(Value& target, Value patch);

using LeafVisitor = std::function<void(const Pointer& path, const Value& value)>;

/// Visits each place that a merge of `patch` touches: what is no object, and each empty object (it
/// makes sure that an object is there). A null is a leaf: a removal. Paths start at `base`.
void leaves(const Value& patch, const LeafVisitor& visit, const Pointer& base = {});

}  // namespace syncline::json
