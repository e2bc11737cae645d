// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace syncline::json {

class Member;
class Members;
template <class MemberType>
class MemberRange;

/// The largest integer that a JSON number holds exactly: 2^53 - 1.
inline constexpr std::int64_t kIntegerMax = 9'007'199'254'740'991;

/// One JSON value in 16 bytes. Strings of at most 14 bytes lie inside; longer ones, arrays and
/// objects own one place on the heap each. Ownership is unique: a value moves between threads,
/// copies are asked for by name (clone). Not synchronised. A moved-from value is null.
///
/// Numbers are IEEE doubles. Strings are UTF-8: whoever makes a value from foreign bytes checks
/// them (json/utf8.h); parse() does. Objects keep the order in which their members were added.
///
/// clone, ==, bytes and the walks of other headers recurse: text that parse() let in is shallow
/// enough. Destroying a value is safe at any depth.
class Value {
public:
    enum class Type : std::uint8_t { null, boolean, number, string, array, object };

    /// Null.
    Value() noexcept = default;

    // From here on implicit, so that set("seq", 5) and push("text") read as what they do.
    template <std::same_as<bool> Bool>
    Value(Bool boolean) noexcept {  // NOLINT(google-explicit-constructor)
        storage_.type = Type::boolean;
        store(0, boolean);
    }
    template <class Number>
        requires((std::integral<Number> && !std::same_as<Number, bool> &&
                  !std::same_as<Number, char>) ||
                 std::floating_point<Number>)
    Value(Number number) noexcept {  // NOLINT(google-explicit-constructor)
        storage_.type = Type::number;
        store(0, static_cast<double>(number));
    }
    Value(std::string_view text);                                      // NOLINT
    Value(const char* text) : Value(std::string_view(text)) {}         // NOLINT
    Value(const std::string& text) : Value(std::string_view(text)) {}  // NOLINT

    static Value null() { return Value(); }
    static Value object() { return Value(Type::object); }
    static Value array() { return Value(Type::array); }

    /// An array of `elements`, which are moved from.
    static Value arrayOf(std::span<Value> elements);

    /// An object of alternating names (strings) and values, which are moved from; or the index of
    /// the first name that was there before.
    static tl::expected<Value, std::size_t> objectOf(std::span<Value> namesAndValues);

    Value(Value&& other) noexcept : storage_(std::exchange(other.storage_, Storage{})) {}
    Value& operator=(Value&& other) noexcept {
        if (ownsHeap())
            replaceBy(other);
        else
            storage_ = std::exchange(other.storage_, Storage{});
        return *this;
    }
    Value(const Value&) = delete;
    Value& operator=(const Value&) = delete;
    ~Value() {
        if (ownsHeap()) release();
    }

    /// A deep copy, without spare capacity.
    Value clone() const;

    Type type() const { return storage_.type; }
    bool isNull() const { return storage_.type == Type::null; }
    bool isBool() const { return storage_.type == Type::boolean; }
    bool isNumber() const { return storage_.type == Type::number; }
    bool isString() const { return storage_.type == Type::string; }
    bool isArray() const { return storage_.type == Type::array; }
    bool isObject() const { return storage_.type == Type::object; }

    /// The content. The caller has checked the type.
    bool asBool() const;
    double asNumber() const;
    std::string_view asString() const;  ///< valid until this value is moved, changed or destroyed

    /// The number as an integer, if this is a number that is one within +-kIntegerMax.
    std::optional<std::int64_t> toInteger() const;

    /// Elements of an array, members of an object, 0 for the rest.
    std::size_t size() const;
    bool empty() const { return size() == 0; }

    // Arrays. The caller has checked the type and the range.
    std::span<const Value> elements() const;
    std::span<Value> elements();
    const Value& operator[](std::size_t index) const { return elements()[index]; }
    Value& operator[](std::size_t index) { return elements()[index]; }
    void reserve(std::size_t elementCount);
    Value& push(Value element);
    void insert(std::size_t index, Value element);  ///< index <= size()
    void erase(std::size_t index);

    // Objects. set() and erase() may move the other members: earlier pointers end.
    /// The member's value, or nullptr when there is none or this is no object.
    const Value* find(std::string_view key) const;
    Value* find(std::string_view key) { return const_cast<Value*>(std::as_const(*this).find(key)); }
    bool contains(std::string_view key) const { return find(key) != nullptr; }
    Value& set(std::string_view key, Value value);  ///< adds at the end, or replaces in place
    bool erase(std::string_view key);               ///< false when there was none
    /// `for (const Member& member : value.members())`; empty when this is no object.
    MemberRange<const Member> members() const;
    MemberRange<Member> members();

    /// Objects are equal whatever the order of their members; numbers compare as numbers.
    bool operator==(const Value& other) const;

    /// What this value holds on the heap, about: without the 16 bytes of its own.
    std::size_t bytes() const;

    /// Whether arrays and objects nest at most `depthMax` deep: 0 for a scalar, 1 for `[]`.
    bool fitsDepth(std::size_t depthMax) const;

private:
    friend class Members;

    static constexpr std::uint8_t kSmallMax = 14;
    static constexpr std::uint8_t kLong = 0xff;
    static constexpr std::size_t kLengthAt = 8;

    // A number, a bool, a small string, or a pointer (for long strings: and a length).
    struct Storage {
        alignas(8) std::array<char, kSmallMax> bytes{};
        std::uint8_t smallSize = 0;
        Type type = Type::null;
    };

    explicit Value(Type type) noexcept { storage_.type = type; }

    template <class T>
    T load(std::size_t offset) const {
        T content;
        std::memcpy(&content, storage_.bytes.data() + offset, sizeof(T));
        return content;
    }
    template <class T>
    void store(std::size_t offset, T content) {
        std::memcpy(storage_.bytes.data() + offset, &content, sizeof(T));
    }

    bool ownsHeap() const { return storage_.type >= Type::array || storage_.smallSize == kLong; }
    void release() noexcept;
    void replaceBy(Value& other) noexcept;
    void disposeTree(unsigned depth) noexcept;
    void takeContainersInto(std::vector<Value>& pending);

    // nullptr for an array or object that never had an element.
    std::vector<Value>* array_() const { return load<std::vector<Value>*>(0); }
    Members* object_() const { return load<Members*>(0); }
    std::vector<Value>& arrayForChange();
    Members& objectForChange();
    bool sameString(const Value& other) const;

    // Two short strings are equal when all 16 bytes are: what is unused is zero.
    struct Words {
        std::uint64_t first;
        std::uint64_t second;
    };
    static Words wordsOf(std::string_view shortText);
    bool isShortString() const { return isString() && storage_.smallSize != kLong; }
    Words words() const {
        Words words;
        std::memcpy(&words, &storage_, sizeof(words));
        return words;
    }
    bool has(const Words& other) const {
        const Words own = words();
        return ((own.first ^ other.first) | (own.second ^ other.second)) == 0;
    }

    Storage storage_;
};

static_assert(sizeof(Value) == 16);

/// One member of an object. The key never changes.
class Member {
public:
    Member(Value key, Value content) : value(std::move(content)), key_(std::move(key)) {}

    std::string_view key() const { return key_.asString(); }

    Value value;

private:
    friend class Members;
    template <class MemberType>
    friend class MemberRange;

    // A member that was erased stays as a gap, without a key, until enough of them are there.
    bool isGap() const { return key_.isNull(); }

    Value key_;
};

/// The members of an object in the order in which they were added. Ends with the next set or erase.
template <class MemberType>
class MemberRange {
public:
    class Iterator {
    public:
        using value_type = MemberType;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        Iterator(MemberType* at, MemberType* end) : at_(at), end_(end) { skipGaps(); }

        MemberType& operator*() const { return *at_; }
        MemberType* operator->() const { return at_; }
        Iterator& operator++() {
            ++at_;
            skipGaps();
            return *this;
        }
        Iterator operator++(int) {
            Iterator before = *this;
            ++*this;
            return before;
        }
        bool operator==(const Iterator& other) const { return at_ == other.at_; }

    private:
        void skipGaps() {
            while (at_ != end_ && at_->isGap()) ++at_;
        }

        MemberType* at_ = nullptr;
        MemberType* end_ = nullptr;
    };

    MemberRange() = default;
    MemberRange(MemberType* first, MemberType* last) : first_(first), last_(last) {}

    Iterator begin() const { return Iterator(first_, last_); }
    Iterator end() const { return Iterator(last_, last_); }

private:
    MemberType* first_ = nullptr;
    MemberType* last_ = nullptr;
};

}  // namespace syncline::json
