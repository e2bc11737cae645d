// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "json/pointer.h"
#include "json/value.h"

namespace syncline::channel {

/// What an op does to its record. Stored: never renumber.
enum class OpKind : std::uint8_t {
    none = 0,  ///< consumes its number and nothing else (`void` on the wire)
    set = 1,
    merge = 2,
    increment = 3,
    remove = 4,  ///< `delete` on the wire
};

std::string_view nameOf(OpKind kind);
std::optional<OpKind> kindNamed(std::string_view name);

/// What a kind is given: `value` (set, merge), `path` and `by` (increment).
struct Arguments {
    json::Value value;
    json::Pointer path;
    double by = 0;
};

/// The arguments of `kind` among the members of `message`, as members of a JSON object without its
/// braces. Whether they are right is not looked at.
std::string argumentsText(OpKind kind, const json::Value& message);

/// Tells one change from another: the hash of key, kind and arguments. Stored.
std::uint64_t changeHash(std::string_view key, std::string_view kindName,
                         std::string_view argumentsText);

/// Moves the arguments out of `message`. Error: badField, which names the field.
core::Result<Arguments> takeArguments(OpKind kind, json::Value& message);

/// The arguments back from argumentsText.
core::Result<Arguments> readArguments(OpKind kind, std::string_view text);

}  // namespace syncline::channel
