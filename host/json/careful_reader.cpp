// SPDX-License-Identifier: Apache-2.0
#include "json/careful_reader.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "json/utf8.h"

namespace syncline::json {

namespace {

using core::Code;
using core::Error;

// Numbers come as text: std::from_chars rounds them right, and integers show as what they are.
constexpr unsigned kReaderFlags =
    rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;

/// Whether a literal that no double can hold is too large, rather than too close to zero.
bool isHuge(std::string_view literal) {
    const std::string_view mantissa = literal.substr(0, literal.find_first_of("eE"));
    std::int64_t exponent = 0;
    if (mantissa.size() < literal.size()) {
        std::string_view digits = literal.substr(mantissa.size() + 1);
        if (digits.front() == '+') digits.remove_prefix(1);
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
        if (read.ec != std::errc()) return digits.front() != '-';
    }
    const auto firstDigit = static_cast<std::int64_t>(mantissa.find_first_of("123456789"));
    const auto point = static_cast<std::int64_t>(std::min(mantissa.find('.'), mantissa.size()));
    return point - firstDigit + exponent > 0;
}

/// Whether the number that starts `text` is written without fraction and exponent.
bool isIntegerAt(std::string_view text) {
    const std::size_t end = text.find_first_not_of("-0123456789");
    return end == std::string_view::npos || std::string_view(".eE").find(text[end]) == text.npos;
}

/// Receives the reader's events and builds values from them, on a stack: the children of what is
/// open lie on top of each other until its end tells how many they are.
class Builder {
public:
    Builder(std::vector<Value>& values, const ParseLimits& limits, bool mayHaveSurrogates)
        : values_(values),
          depthMax_(limits.depthMax),
          exactIntegers_(limits.exactIntegers),
          mayHaveSurrogates_(mayHaveSurrogates) {}

    /// Why an event was refused, if one was.
    std::optional<Error>& refusal() { return refusal_; }

    bool Null() { return add(Value()); }
    bool Bool(bool boolean) { return add(Value(boolean)); }
    bool Int(int number) { return add(Value(number)); }
    bool Uint(unsigned number) { return add(Value(number)); }
    bool Int64(std::int64_t number) { return add(Value(number)); }
    bool Uint64(std::uint64_t number) { return add(Value(number)); }
    bool Double(double number) { return add(Value(number)); }
    bool RawNumber(const char* digits, rapidjson::SizeType length, bool /*copy*/) {
        return number({digits, length});
    }

    bool String(const char* characters, rapidjson::SizeType length, bool /*copy*/) {
        const std::string_view text(characters, length);
        // The reader lets half of a surrogate pair pass if it is the second half.
        if (mayHaveSurrogates_ && !isUtf8(text)) {
            return refuse(Code::notJson, "half of a surrogate pair");
        }
        return add(Value(text));
    }
    bool Key(const char* characters, rapidjson::SizeType length, bool copy) {
        return String(characters, length, copy);
    }

    bool StartObject() { return open(); }
    bool StartArray() { return open(); }

    bool EndArray(rapidjson::SizeType count) {
        const std::span<Value> elements = top(count);
        return close(count, Value::arrayOf(elements));
    }
    bool EndObject(rapidjson::SizeType count) {
        const std::size_t valueCount = std::size_t{2} * count;
        const std::span<Value> namesAndValues = top(valueCount);
        auto object = Value::objectOf(namesAndValues);
        if (object) return close(valueCount, *std::move(object));
        const std::string_view name = namesAndValues[2 * object.error()].asString();
        return refuse(Code::notJson, "an object that has the key \"" +
                                         std::string(name.substr(0, 64)) + "\" twice, which ends");
    }

private:
    std::span<Value> top(std::size_t count) {
        return std::span<Value>(values_).subspan(values_.size() - count);
    }

    bool add(Value value) {
        values_.push_back(std::move(value));
        return true;
    }

    bool open() {
        if (++depth_ <= depthMax_) return true;
        return refuse(Code::notJson, "nested deeper than " + std::to_string(depthMax_));
    }

    bool close(std::size_t childCount, Value value) {
        --depth_;
        values_.erase(values_.end() - static_cast<std::ptrdiff_t>(childCount), values_.end());
        return add(std::move(value));
    }

    bool refuse(Code code, std::string what) {
        refusal_ = Error::of(code, std::move(what));
        return false;
    }

    bool number(std::string_view literal);
    bool integer(std::string_view literal);

    std::vector<Value>& values_;
    const std::size_t depthMax_;
    const bool exactIntegers_;
    const bool mayHaveSurrogates_;
    std::size_t depth_ = 0;
    std::optional<Error> refusal_;
};

bool Builder::number(std::string_view literal) {
    if (literal.find_first_of(".eE") == std::string_view::npos) return integer(literal);
    double value = 0;
    const auto read = std::from_chars(literal.data(), literal.data() + literal.size(), value);
    if (read.ec == std::errc()) return add(Value(value));
    if (isHuge(literal)) return refuse(Code::notJson, "a number too large for a double");
    return add(Value(0));
}

bool Builder::integer(std::string_view literal) {
    // 2^53 - 1 has 16 digits, so what 64 bits cannot hold is too large as well.
    std::int64_t value = 0;
    const auto read = std::from_chars(literal.data(), literal.data() + literal.size(), value);
    if (read.ec == std::errc() && value >= -kIntegerMax && value <= kIntegerMax) {
        return add(Value(value));
    }
    if (exactIntegers_) return refuse(Code::numberOutOfRange, "an integer beyond 2^53 - 1");
    double rounded = 0;
    std::from_chars(literal.data(), literal.data() + literal.size(), rounded);
    return add(Value(rounded));
}

Error notJson(std::size_t at, std::string_view why) {
    return Error::of(Code::notJson,
                     "not JSON at byte " + std::to_string(at) + ": " + std::string(why));
}

/// Turns what stopped the reader into an error that says what and where.
Error explain(const rapidjson::ParseResult& result, std::optional<Error>& refusal,
              std::string_view text, const ParseLimits& limits) {
    if (refusal) {
        refusal->reason += " at byte " + std::to_string(result.Offset());
        return *std::move(refusal);
    }
    if (result.Code() == rapidjson::kParseErrorNumberTooBig && limits.exactIntegers &&
        isIntegerAt(text.substr(result.Offset()))) {
        return Error::of(Code::numberOutOfRange,
                         "an integer beyond 2^53 - 1 at byte " + std::to_string(result.Offset()));
    }
    return notJson(result.Offset(), rapidjson::GetParseError_En(result.Code()));
}

}  // namespace

core::Result<Value> readCarefully(std::string_view text, char* copy, const ParseLimits& limits,
                                  std::vector<Value>& stack) {
    // Strings without escapes are as well-formed as the text they stand in.
    const bool hasEscapes = text.find('\\') != std::string_view::npos;
    Builder builder(stack, limits, hasEscapes);
    rapidjson::InsituStringStream stream(copy);
    rapidjson::Reader reader;
    const rapidjson::ParseResult result = reader.Parse<kReaderFlags>(stream, builder);
    if (result.IsError()) return core::fail(explain(result, builder.refusal(), text, limits));
    // The reader stops at a NUL, wherever it stands.
    if (stream.Tell() != text.size()) return core::fail(notJson(stream.Tell(), "a NUL"));
    return std::move(stack.back());
}

}  // namespace syncline::json
