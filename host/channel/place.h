// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "json/pointer.h"
#include "json/value.h"

namespace syncline::channel {

/// Puts `value` at `path`, or takes what is there away when it is absent. Objects that are missing
/// on the way are made. False, and nothing changed: the way leads through something that is neither
/// an object nor an existing element of an array. For "" the value must be present.
bool place(json::Value& root, const json::Pointer& path, std::optional<json::Value> value);

/// Whether place() could put a value there.
bool canPlace(const json::Value& root, const json::Pointer& path);

/// The path up to the first array in `root` that it enters; the whole path when it enters none.
std::string_view cutAtArray(const json::Value* root, std::string_view path);

/// The path up to the first value in `root` on its way that is no object, which a merge along the
/// path would replace; the whole path when there is none.
std::string_view cutAtReplaced(const json::Value* root, std::string_view path);

}  // namespace syncline::channel
