// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace syncline::conformance {

/// A JSON value of the mock host: small and plain, since nothing here has to be fast. A value, with
/// no thread of its own.
class Json {
public:
    using Array = std::vector<Json>;
    using Member = std::pair<std::string, Json>;
    using Object = std::vector<Member>;  // in the order of the text

    Json() = default;
    Json(std::nullptr_t) {}
    Json(bool value) : value_(value) {}
    Json(double value) : value_(value) {}
    Json(int value) : value_(static_cast<double>(value)) {}
    Json(std::string value) : value_(std::move(value)) {}
    Json(const char* value) : value_(std::string(value)) {}
    Json(Array value) : value_(std::move(value)) {}
    Json(Object value) : value_(std::move(value)) {}

    /// Throws std::runtime_error, with the offset, for what is not JSON.
    static Json parse(std::string_view text);
    /// Without blanks; members in their order.
    std::string text() const;

    template <class Type>
    const Type* as() const {
        return std::get_if<Type>(&value_);
    }
    template <class Type>
    Type* as() {
        return std::get_if<Type>(&value_);
    }
    bool isNull() const { return as<std::monostate>() != nullptr; }

    /// Null when there is no such member, or this is no object.
    const Json* find(std::string_view name) const;
    /// The member of that name, added when it is missing; this becomes an object if it is null.
    Json& operator[](const std::string& name);
    std::string string(std::string_view name, const std::string& fallback = "") const;
    bool boolean(std::string_view name, bool fallback = false) const;
    /// The elements of the array of that name; none when it is missing.
    const Array& list(std::string_view name) const;
    /// What an RFC 6901 pointer names; null when it names nothing.
    const Json* at(std::string_view pointer) const;

    /// As JSON: the order of members does not matter.
    bool operator==(const Json& other) const;
    bool operator!=(const Json& other) const { return !(*this == other); }

private:
    std::variant<std::monostate, bool, double, std::string, Array, Object> value_;
};

/// As text, for what a test says.
std::ostream& operator<<(std::ostream& stream, const Json& json);

/// Whether these bytes are UTF-8 (RFC 3629).
bool isUtf8(std::string_view text);

}  // namespace syncline::conformance
