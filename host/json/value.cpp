// SPDX-License-Identifier: Apache-2.0
#include "json/value.h"

#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>

#include "json/members.h"

namespace syncline::json {

namespace {

template <class Word>
std::uint64_t wordAt(const char* at) {
    Word word;
    std::memcpy(&word, at, sizeof(word));
    return word;
}

// Its bytes from the lowest up, at most 8: the two ends, which may overlap, put together.
std::uint64_t upToEight(const char* text, std::size_t size) {
    if (size >= 4)
        return wordAt<std::uint32_t>(text) | wordAt<std::uint32_t>(text + size - 4)
                                                 << (8 * (size - 4));
    if (size == 0) return 0;
    return wordAt<std::uint8_t>(text) | wordAt<std::uint8_t>(text + size / 2) << (8 * (size / 2)) |
           wordAt<std::uint8_t>(text + size - 1) << (8 * (size - 1));
}

}  // namespace

// As memory has it, but made in registers: it is asked for with every look-up of a name.
Value::Words Value::wordsOf(std::string_view shortText) {
    const std::size_t size = shortText.size();
    assert(size <= kSmallMax);
    if constexpr (std::endian::native != std::endian::little) return Value(shortText).words();
    const std::uint64_t kind = std::uint64_t{size} << 48 | static_cast<std::uint64_t>(Type::string)
                                                               << 56;
    if (size <= 8) {
        const bool isWhole = size == 8;
        return {
            isWhole ? wordAt<std::uint64_t>(shortText.data()) : upToEight(shortText.data(), size),
            kind};
    }
    const std::uint64_t last = wordAt<std::uint64_t>(shortText.data() + size - 8);
    return {wordAt<std::uint64_t>(shortText.data()), kind | last >> (8 * (16 - size))};
}

Value::Value(std::string_view text) {
    storage_.type = Type::string;
    if (text.size() <= kSmallMax) {
        if constexpr (std::endian::native == std::endian::little) {
            const Words words = wordsOf(text);
            std::memcpy(static_cast<void*>(&storage_), &words, sizeof(words));
            return;
        }
        storage_.smallSize = static_cast<std::uint8_t>(text.size());
        if (!text.empty()) std::memcpy(storage_.bytes.data(), text.data(), text.size());
        return;
    }
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw std::length_error("a JSON string of 4 GiB or more");
    }
    auto* characters = static_cast<char*>(::operator new(text.size()));
    std::memcpy(characters, text.data(), text.size());
    storage_.smallSize = kLong;
    store(0, characters);
    store(kLengthAt, static_cast<std::uint32_t>(text.size()));
}

Value Value::arrayOf(std::span<Value> elements) {
    Value value(Type::array);
    if (elements.empty()) return value;
    value.store(0, new std::vector<Value>(std::make_move_iterator(elements.begin()),
                                          std::make_move_iterator(elements.end())));
    return value;
}

tl::expected<Value, std::size_t> Value::objectOf(std::span<Value> namesAndValues) {
    Value value(Type::object);
    if (namesAndValues.empty()) return value;
    auto members = std::make_unique<Members>();
    if (const auto duplicate = members->fill(namesAndValues)) {
        return tl::unexpected<std::size_t>(*duplicate);
    }
    value.store(0, members.release());
    return value;
}

void Value::replaceBy(Value& other) noexcept {
    // In this order, so that `value = std::move(value[0])` and self-assignment both work.
    Value before(std::move(*this));
    storage_ = std::exchange(&other == this ? before.storage_ : other.storage_, Storage{});
}

bool Value::asBool() const {
    assert(isBool());
    return load<bool>(0);
}

double Value::asNumber() const {
    assert(isNumber());
    return load<double>(0);
}

std::string_view Value::asString() const {
    assert(isString());
    if (storage_.smallSize != kLong) return {storage_.bytes.data(), storage_.smallSize};
    return {load<const char*>(0), load<std::uint32_t>(kLengthAt)};
}

std::optional<std::int64_t> Value::toInteger() const {
    if (!isNumber()) return std::nullopt;
    const double number = asNumber();
    if (!(std::abs(number) <= static_cast<double>(kIntegerMax)) || number != std::trunc(number)) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(number);
}

std::size_t Value::size() const {
    if (isArray()) return elements().size();
    if (isObject() && object_() != nullptr) return object_()->size();
    return 0;
}

std::span<const Value> Value::elements() const {
    assert(isArray());
    const std::vector<Value>* array = array_();
    return array == nullptr ? std::span<const Value>() : std::span<const Value>(*array);
}

std::span<Value> Value::elements() {
    assert(isArray());
    std::vector<Value>* array = array_();
    return array == nullptr ? std::span<Value>() : std::span<Value>(*array);
}

void Value::reserve(std::size_t elementCount) {
    if (elementCount > 0) arrayForChange().reserve(elementCount);
}

Value& Value::push(Value element) {
    std::vector<Value>& array = arrayForChange();
    array.push_back(std::move(element));
    return array.back();
}

void Value::insert(std::size_t index, Value element) {
    std::vector<Value>& array = arrayForChange();
    assert(index <= array.size());
    array.insert(array.begin() + static_cast<std::ptrdiff_t>(index), std::move(element));
}

void Value::erase(std::size_t index) {
    std::vector<Value>& array = arrayForChange();
    assert(index < array.size());
    array.erase(array.begin() + static_cast<std::ptrdiff_t>(index));
    if (array.capacity() > 16 && array.size() * 4 < array.capacity()) array.shrink_to_fit();
}

const Value* Value::find(std::string_view key) const {
    if (!isObject() || object_() == nullptr) return nullptr;
    const Member* member = object_()->find(key);
    return member == nullptr ? nullptr : &member->value;
}

Value& Value::set(std::string_view key, Value value) {
    return objectForChange().set(key, std::move(value));
}

bool Value::erase(std::string_view key) {
    assert(isObject());
    if (object_() == nullptr || !object_()->erase(key)) return false;
    if (object_()->size() == 0) *this = object();
    return true;
}

MemberRange<const Member> Value::members() const {
    if (!isObject() || object_() == nullptr) return {};
    const std::span<const Member> slots = object_()->slots();
    return {slots.data(), slots.data() + slots.size()};
}

MemberRange<Member> Value::members() {
    if (!isObject() || object_() == nullptr) return {};
    const std::span<Member> slots = object_()->slots();
    return {slots.data(), slots.data() + slots.size()};
}

std::vector<Value>& Value::arrayForChange() {
    assert(isArray());
    if (array_() == nullptr) store(0, new std::vector<Value>());
    return *array_();
}

Members& Value::objectForChange() {
    assert(isObject());
    if (object_() == nullptr) store(0, new Members());
    return *object_();
}

bool Value::sameString(const Value& other) const {
    if (isShortString() || other.isShortString()) return has(other.words());
    return asString() == other.asString();
}

}  // namespace syncline::json
