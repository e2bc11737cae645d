// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <random>
#include <string>
#include <string_view>

#include "json/parse.h"
#include "json/pointer.h"
#include "json/value.h"
#include "json/write.h"

namespace syncline::json {

// How GoogleTest shows them.
inline void PrintTo(const Value& value, std::ostream* out) {
    *out << toText(value);
}
inline void PrintTo(const Pointer& pointer, std::ostream* out) {
    *out << '"' << pointer.text() << '"';
}

namespace tests {

/// The value that a test writes as JSON.
inline Value json(std::string_view text) {
    core::Result<Value> value = parse(text);
    if (value) return *std::move(value);
    ADD_FAILURE() << text << ": " << value.error().reason;
    return Value();
}

inline Pointer pointer(std::string_view text) {
    core::Result<Pointer> parsed = Pointer::parse(text);
    if (parsed) return *std::move(parsed);
    ADD_FAILURE() << text << ": " << parsed.error().reason;
    return Pointer();
}

/// Values without end from one seed. Few keys and few scalars, so that two of them meet often.
class RandomValues {
public:
    explicit RandomValues(std::uint32_t seed, bool withNulls = true)
        : random_(seed), withNulls_(withNulls) {}

    int below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }

    std::string key() {
        static const char* const keys[] = {
            "a", "b", "c", "", "/~", "ü€", "long key of more bytes", "\"\\\n"};
        return keys[below(8)];
    }

    Value value(int depth = 4) {
        const int kind = below(depth > 0 ? 9 : 6);
        if (kind < 6) return scalar(kind);
        return kind == 6 ? array(depth) : object(depth);
    }

    Value object(int depth = 4, int membersMax = 6) {
        Value object = Value::object();
        const int count = below(membersMax + 1);
        for (int i = 0; i < count; ++i) object.set(key(), value(depth - 1));
        return object;
    }

private:
    Value scalar(int kind) {
        static const double numbers[] = {0, 1, -1, 0.5, 1e300, 9007199254740991.0};
        static const char* const texts[] = {"", "x", "fourteen bytes", "fifteen bytes!!",
                                            "\xf0\x9f\x8e\x88"};
        switch (kind) {
            case 0:
                return withNulls_ ? Value() : Value(false);
            case 1:
                return Value(below(2) == 0);
            case 2:
            case 3:
                return Value(numbers[below(6)]);
            default:
                return Value(texts[below(5)]);
        }
    }

    Value array(int depth) {
        Value array = Value::array();
        const int count = below(4);
        for (int i = 0; i < count; ++i) array.push(value(depth - 1));
        return array;
    }

    std::mt19937 random_;
    bool withNulls_;
};

}  // namespace tests
}  // namespace syncline::json
