// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "json/value.h"

namespace syncline::json {

/// A JSON Pointer (RFC 6901): the path to a place within a value. Held as its text, in which a path
/// has exactly one spelling; so comparing pointers is comparing texts.
class Pointer {
public:
    /// The whole value.
    Pointer() = default;

    /// Error: badField, when the text is neither empty nor starts with '/', or has a '~' that is
    /// not "~0" or "~1".
    static core::Result<Pointer> parse(std::string_view text);

    const std::string& text() const { return text_; }
    const std::string& toText() const { return text_; }
    bool isRoot() const { return text_.empty(); }

    /// Unescaped, from the root on.
    std::vector<std::string> tokens() const;
    std::string lastToken() const;  ///< not of the root
    Pointer parent() const;         ///< not of the root

    Pointer child(std::string_view token) const;
    Pointer child(std::size_t index) const {
        return child(std::string_view(std::to_string(index)));
    }

    /// Whether the other lies beneath this one. False when they are equal.
    bool isAncestorOf(const Pointer& other) const;
    /// Whether they are equal or one is an ancestor of the other.
    bool overlaps(const Pointer& other) const;

    /// What lies there, or nullptr. "-" (behind the end of an array) is never there.
    const Value* resolve(const Value& root) const;
    Value* resolve(Value& root) const;

    bool operator==(const Pointer&) const = default;
    auto operator<=>(const Pointer&) const = default;

    /// A token as it stands in a pointer's text: '~' as "~0", '/' as "~1".
    static std::string escape(std::string_view token);

    /// The index behind a token: decimal digits without leading zeros, nothing else.
    static std::optional<std::size_t> arrayIndex(std::string_view token);

private:
    explicit Pointer(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

/// The same relations for pointers that are kept as their texts.
bool isAncestorText(std::string_view ancestor, std::string_view descendant);
bool textsOverlap(std::string_view one, std::string_view other);

}  // namespace syncline::json
