// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace syncline::schema {

/// The tokens of a JSON pointer (RFC 6901), one after the other. Borrows its text.
class Tokens {
public:
    explicit Tokens(std::string_view pointer) : rest_(pointer) {}

    /// The next one, unescaped; false at the end, and where no slash stands.
    bool next(std::string& token);

    /// Whether all of it was read: a text that does not begin with a slash is no pointer.
    bool finished() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

/// A name as it stands in a pointer: "a/b" is "a~1b".
std::string escaped(std::string_view name);

/// The index that a token names in an array, or one beyond all ends.
std::size_t indexOf(std::string_view token);

/// The pointer, or the one of the nearest place above that has at most `bytesMax` bytes.
std::string_view shortened(std::string_view pointer, std::size_t bytesMax);

}  // namespace syncline::schema
