// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
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
    remove = 4,   ///< `delete` on the wire
    patch = 5,    ///< RFC 6902
    include = 6,  ///< `add` on the wire: an element of a set
    exclude = 7,  ///< `remove` on the wire: the same
    insert = 8,   ///< an element of a list, by its id
    move = 9,
    erase = 10,
};
inline constexpr OpKind kLastKind = OpKind::erase;

std::string_view nameOf(OpKind kind);
std::optional<OpKind> kindNamed(std::string_view name);

inline bool isElementKind(OpKind kind) {
    return kind >= OpKind::include && kind <= OpKind::erase;
}

/// What a kind is given. Those of the wire, but for `value`, which are the steps of a patch too.
struct Arguments {
    json::Value value;   ///< set, merge, patch, add, remove, insert
    json::Pointer path;  ///< increment, and the kinds of elements
    double by = 0;
    json::Value element;                ///< the id of a list's element: a string or a number
    std::optional<json::Value> behind;  ///< of the one it stands behind; null: it comes first

    Arguments clone() const;
};

/// Whether an element of a list may be called that: a number, or a text of 1 to 255 bytes.
bool isId(const json::Value& value);

/// An element's id as one token of a path.
std::string idText(const json::Value& id);

/// The arguments of `kind` among the members of `message`, as members of a JSON object without its
/// braces. Whether they are right is not looked at.
std::string argumentsText(OpKind kind, const json::Value& message);

/// Tells one change from another: the hash of key, kind and arguments. Stored.
std::uint64_t changeHash(std::string_view key, std::string_view kindName,
                         std::string_view argumentsText);

/// The same for several changes that are one.
std::uint64_t batchHash(std::span<const std::uint64_t> changeHashes);

/// Error badField: a sentence about one member, whose place in the message is the error's detail.
core::Error wrongMember(std::string_view name, std::string_view why);

/// Moves the arguments out of `message`. Error: badField, which names the field.
core::Result<Arguments> takeArguments(OpKind kind, json::Value& message);

/// The arguments back from argumentsText.
core::Result<Arguments> readArguments(OpKind kind, std::string_view text);

}  // namespace syncline::channel
