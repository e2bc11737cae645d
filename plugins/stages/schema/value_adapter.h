// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>
#include <utility>

#include "valijson.h"

// How valijson reads a value of the host where it lies, without a copy. The shape of these classes
// is valijson's: see the adapters that it ships.

namespace syncline::schema {

class ValueAdapter;

using ValueMember = std::pair<std::string, ValueAdapter>;

class ElementIterator {
public:
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = ValueAdapter;
    using difference_type = std::ptrdiff_t;
    using pointer = ValueAdapter*;
    using reference = ValueAdapter;

    ElementIterator(Value array, std::size_t index) : array_(array), index_(index) {}

    ValueAdapter operator*() const;
    valijson::adapters::DerefProxy<ValueAdapter> operator->() const;
    bool operator==(const ElementIterator& other) const { return index_ == other.index_; }
    bool operator!=(const ElementIterator& other) const { return index_ != other.index_; }
    ElementIterator& operator++() {
        ++index_;
        return *this;
    }
    ElementIterator operator++(int) { return {array_, index_++}; }
    ElementIterator& operator--() {
        --index_;
        return *this;
    }
    void advance(std::ptrdiff_t by) { index_ += static_cast<std::size_t>(by); }

private:
    Value array_;
    std::size_t index_;
};

/// At the end, or at a member: the one with the index, or one that was found by its name.
class MemberIterator {
public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = ValueMember;
    using difference_type = std::ptrdiff_t;
    using pointer = ValueMember*;
    using reference = ValueMember;

    MemberIterator(const Value::Members& members, std::size_t index)
        : members_(members), index_(index) {}
    MemberIterator(const Value::Members& members, std::string_view name, Value found)
        : members_(members), index_(kFound), name_(name), found_(found) {}

    ValueMember operator*() const;
    valijson::adapters::DerefProxy<ValueMember> operator->() const;
    bool operator==(const MemberIterator& other) const { return index_ == other.index_; }
    bool operator!=(const MemberIterator& other) const { return index_ != other.index_; }
    MemberIterator& operator++() {
        ++index_;
        return *this;
    }

private:
    static constexpr std::size_t kFound = SIZE_MAX;

    Value::Members members_;
    std::size_t index_;
    std::string name_;
    Value found_;
};

class ValueArray {
public:
    using const_iterator = ElementIterator;
    using iterator = const_iterator;

    ValueArray() = default;
    explicit ValueArray(Value array) : array_(array) {}
    const_iterator begin() const { return {array_, 0}; }
    const_iterator end() const { return {array_, array_.size()}; }
    std::size_t size() const { return array_.size(); }

private:
    Value array_;
};

class ValueObject {
public:
    using const_iterator = MemberIterator;
    using iterator = const_iterator;

    ValueObject() = default;
    explicit ValueObject(Value object) : object_(object) {}
    const_iterator begin() const { return {object_.members(), 0}; }
    const_iterator end() const { return {object_.members(), object_.size()}; }
    const_iterator find(const std::string& name) const {
        const Value found = object_[name];
        return found ? const_iterator(object_.members(), name, found) : end();
    }
    std::size_t size() const { return object_.size(); }

private:
    Value object_;
};

/// A number without a fraction is an integer, as JSON Schema means it since draft 6.
class ValueReader {
public:
    ValueReader() = default;
    explicit ValueReader(Value value) : value_(value) {}

    template <class Result>
    static bool give(bool there, Result& result, Result value) {
        if (there) result = std::move(value);
        return there;
    }

    valijson::adapters::FrozenValue* freeze() const {
        // Only what stands in a schema is frozen, and schemas are read by another adapter.
        valijson::throwRuntimeError("a value of the host is not kept");
    }
    opt::optional<ValueArray> getArrayOptional() const {
        return isArray() ? opt::make_optional(ValueArray(value_)) : opt::nullopt;
    }
    opt::optional<ValueObject> getObjectOptional() const {
        return isObject() ? opt::make_optional(ValueObject(value_)) : opt::nullopt;
    }
    bool getArraySize(std::size_t& size) const { return give(isArray(), size, value_.size()); }
    bool getObjectSize(std::size_t& size) const { return give(isObject(), size, value_.size()); }
    bool getBool(bool& result) const { return give(isBool(), result, value_.boolean()); }
    bool getDouble(double& result) const { return give(isDouble(), result, value_.number()); }
    bool getInteger(std::int64_t& result) const {
        return give(isInteger(), result, value_.integer());
    }
    bool getString(std::string& result) const {
        return give(isString(), result, std::string(value_.string()));
    }
    static bool hasStrictTypes() { return true; }
    bool isArray() const { return value_.isArray(); }
    bool isBool() const { return value_.isBoolean(); }
    bool isNull() const { return value_.isNull(); }
    bool isNumber() const { return value_.isNumber(); }
    bool isObject() const { return value_.isObject(); }
    bool isString() const { return value_.isString(); }
    bool isInteger() const {
        constexpr double kExactMax = 9007199254740992.0;
        return isNumber() && std::fabs(value_.number()) <= kExactMax &&
               std::trunc(value_.number()) == value_.number();
    }
    bool isDouble() const { return isNumber() && !isInteger(); }

private:
    Value value_;
};

class ValueAdapter final
    : public valijson::adapters::BasicAdapter<ValueAdapter, ValueArray, ValueMember, ValueObject,
                                              ValueReader> {
public:
    ValueAdapter() = default;
    explicit ValueAdapter(Value value) : BasicAdapter(ValueReader(value)) {}
};

inline ValueAdapter ElementIterator::operator*() const {
    return ValueAdapter(array_.at(index_));
}
inline valijson::adapters::DerefProxy<ValueAdapter> ElementIterator::operator->() const {
    return valijson::adapters::DerefProxy<ValueAdapter>(**this);
}

inline ValueMember MemberIterator::operator*() const {
    if (index_ == kFound) return {name_, ValueAdapter(found_)};
    const auto member = *Value::Members::Iterator(&members_, index_);
    return {std::string(member.name), ValueAdapter(member.value)};
}
inline valijson::adapters::DerefProxy<ValueMember> MemberIterator::operator->() const {
    return valijson::adapters::DerefProxy<ValueMember>(**this);
}

}  // namespace syncline::schema
