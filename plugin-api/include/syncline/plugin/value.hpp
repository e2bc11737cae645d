// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <syncline/plugin/text.hpp>

namespace syncline {

/// A JSON value of the host, borrowed: valid during the call that gave it. Reading one that is
/// missing or has another type answers a fallback, so chains such as
/// `config["limits"]["ops"].number(10)` need no checks. Copying one copies two pointers.
class Value {
public:
    class Members;
    class Iterator;

    Value() = default;
    Value(const syncline_value_table* table, const syncline_value* value) noexcept
        : table_(table), value_(value) {}

    bool exists() const noexcept { return value_ != nullptr; }
    explicit operator bool() const noexcept { return exists(); }

    /// SYNCLINE_NULL also for one that is missing; exists() tells them apart.
    syncline_type type() const noexcept { return exists() ? table_->type(value_) : SYNCLINE_NULL; }
    bool isNull() const noexcept { return exists() && type() == SYNCLINE_NULL; }
    bool isBoolean() const noexcept { return type() == SYNCLINE_BOOLEAN; }
    bool isNumber() const noexcept { return type() == SYNCLINE_NUMBER; }
    bool isString() const noexcept { return type() == SYNCLINE_STRING; }
    bool isArray() const noexcept { return type() == SYNCLINE_ARRAY; }
    bool isObject() const noexcept { return type() == SYNCLINE_OBJECT; }

    bool boolean(bool fallback = false) const noexcept {
        return isBoolean() ? table_->boolean(value_) != 0 : fallback;
    }
    double number(double fallback = 0) const noexcept {
        return isNumber() ? table_->number(value_) : fallback;
    }
    /// The number cut to an integer; the fallback for one outside of +-2^53, where doubles skip.
    std::int64_t integer(std::int64_t fallback = 0) const noexcept {
        const double exactMax = 9007199254740992.0;
        const double found = number(exactMax * 2);
        const bool exact = found >= -exactMax && found <= exactMax;
        return exact ? static_cast<std::int64_t>(found) : fallback;
    }
    std::string_view string(std::string_view fallback = {}) const noexcept {
        return isString() ? detail::toView(table_->string(value_)) : fallback;
    }

    /// Elements of an array, members of an object, else 0.
    std::size_t size() const noexcept { return exists() ? table_->count(value_) : 0; }
    bool empty() const noexcept { return size() == 0; }

    /// The member of that name; a missing value when there is none or this is no object.
    Value operator[](std::string_view name) const noexcept {
        return isObject() ? Value(table_, table_->member(value_, detail::toText(name))) : Value();
    }
    bool contains(std::string_view name) const noexcept { return (*this)[name].exists(); }

    /// The element (or member) at that index; a missing value beyond the end.
    Value at(std::size_t index) const noexcept {
        return index < size() ? Value(table_, table_->at(value_, index, nullptr)) : Value();
    }

    /// `for (Value element : array)`
    Iterator begin() const noexcept;
    Iterator end() const noexcept;

    /// `for (auto [name, value] : object.members())`
    Members members() const noexcept;

    /// As JSON text; "null" for one that is missing.
    std::string serialize() const {
        if (!exists()) return "null";
        std::string text(128, '\0');
        const std::size_t needed = table_->serialize(value_, text.data(), text.size());
        if (needed > text.size()) {
            text.resize(needed);
            table_->serialize(value_, text.data(), text.size());
        }
        text.resize(needed);
        return text;
    }

    /// Equal as JSON: the order of members does not matter. Two missing values are equal.
    friend bool operator==(const Value& a, const Value& b) noexcept {
        if (!a.exists() || !b.exists()) return a.exists() == b.exists();
        return a.table_->equal(a.value_, b.value_) != 0;
    }
    friend bool operator!=(const Value& a, const Value& b) noexcept { return !(a == b); }

    const syncline_value* handle() const noexcept { return value_; }

private:
    const syncline_value_table* table_ = nullptr;
    const syncline_value* value_ = nullptr;
};

class Value::Iterator {
public:
    Iterator(const Value* container, std::size_t index) noexcept
        : container_(container), index_(index) {}
    Value operator*() const noexcept { return container_->at(index_); }
    Iterator& operator++() noexcept {
        ++index_;
        return *this;
    }
    bool operator!=(const Iterator& other) const noexcept { return index_ != other.index_; }

private:
    const Value* container_;
    std::size_t index_;
};

inline Value::Iterator Value::begin() const noexcept {
    return {this, 0};
}
inline Value::Iterator Value::end() const noexcept {
    return {this, size()};
}

/// The members of an object, in its order; none for anything else.
class Value::Members {
public:
    struct Member {
        std::string_view name;
        Value value;
    };

    class Iterator {
    public:
        Iterator(const Members* members, std::size_t index) noexcept
            : members_(members), index_(index) {}
        Member operator*() const noexcept { return members_->at(index_); }
        Iterator& operator++() noexcept {
            ++index_;
            return *this;
        }
        bool operator!=(const Iterator& other) const noexcept { return index_ != other.index_; }

    private:
        const Members* members_;
        std::size_t index_;
    };

    explicit Members(const Value& object) noexcept : object_(object) {}
    Iterator begin() const noexcept { return {this, 0}; }
    Iterator end() const noexcept { return {this, object_.isObject() ? object_.size() : 0}; }

private:
    Member at(std::size_t index) const noexcept {
        syncline_text name = {nullptr, 0};
        const auto* value = object_.table_->at(object_.value_, index, &name);
        return {detail::toView(name), Value(object_.table_, value)};
    }

    Value object_;
};

inline Value::Members Value::members() const noexcept {
    return Members(*this);
}

}  // namespace syncline
